//! Flags that several commands have.

use super::Flag;

pub(crate) const ALL: Flag = Flag::bool(
    "all",
    "false",
    "Select all resources, in the namespace of the specified resource types",
);
pub(crate) const ALLOW_MISSING_TEMPLATE_KEYS: Flag = Flag::bool(
    "allow-missing-template-keys",
    "true",
    "If true, ignore any errors in templates when a field or map key is missing in the \
    template. Only applies to golang and jsonpath output formats.",
);
pub(crate) const ALL_NAMESPACES: Flag = Flag::bool(
    "all-namespaces",
    "false",
    "If present, list the requested object(s) across all namespaces. Namespace in current \
    context is ignored even if specified with --namespace.",
)
.short('A');
pub(crate) const ALL_OF_TYPES: Flag = Flag::bool(
    "all",
    "false",
    "Select all resources in the namespace of the specified resource types",
);
pub(crate) const APPEND_HASH: Flag =
    Flag::bool("append-hash", "false", "Append a hash of the secret to its name.");
pub(crate) const CASCADE: Flag = Flag::string(
    "cascade",
    "background",
    "Must be \"background\", \"orphan\", or \"foreground\". Selects the deletion cascading \
    strategy for the dependents (e.g. Pods created by a ReplicationController). Defaults to \
    background.",
)
.implied("background");
pub(crate) const CHECK_ALL_NAMESPACES: Flag =
    Flag::bool("all-namespaces", "false", "If true, check the specified action in all namespaces.")
        .short('A');
pub(crate) const CHUNK_SIZE: Flag = Flag::int(
    "chunk-size",
    "500",
    "Return large lists in chunks rather than all at once. Pass 0 to disable. This flag is \
    beta and may change in the future.",
);
pub(crate) const CONTAINER: Flag = Flag::string(
    "container",
    "",
    "Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation \
    for selecting the container to be attached or the first container in the pod will be \
    chosen",
)
.short('c');
pub(crate) const DRY_RUN: Flag = Flag::string(
    "dry-run",
    "none",
    "Must be \"none\", \"server\", or \"client\". If client strategy, only print the object \
    that would be sent, without sending it. If server strategy, submit server-side request \
    without persisting the resource.",
)
.implied("unchanged");
pub(crate) const ENV: Flag =
    Flag::string_array("env", "", "Environment variables to set in the container.");
pub(crate) const FIELD_MANAGER_APPLY: Flag = Flag::string(
    "field-manager",
    "kubectl-client-side-apply",
    "Name of the manager used to track field ownership.",
);
pub(crate) const FIELD_MANAGER_CREATE: Flag = Flag::string(
    "field-manager",
    "kubectl-create",
    "Name of the manager used to track field ownership.",
);
pub(crate) const FIELD_MANAGER_ROLLOUT: Flag = Flag::string(
    "field-manager",
    "kubectl-rollout",
    "Name of the manager used to track field ownership.",
);
pub(crate) const FIELD_MANAGER_SET: Flag = Flag::string(
    "field-manager",
    "kubectl-set",
    "Name of the manager used to track field ownership.",
);
pub(crate) const FIELD_SELECTOR: Flag = Flag::string(
    "field-selector",
    "",
    "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. \
    --field-selector key1=value1,key2=value2). The server only supports a limited number of \
    field queries per type.",
);
pub(crate) const FILENAME_EDIT: Flag = Flag::string_slice(
    "filename",
    "",
    "Filename, directory, or URL to files to use to edit the resource",
)
.short('f');
pub(crate) const FILENAME_GET: Flag = Flag::string_slice(
    "filename",
    "",
    "Filename, directory, or URL to files identifying the resource to get from a server.",
)
.short('f');
pub(crate) const FILENAME_IDENTIFYING: Flag =
    Flag::string_slice("filename", "", "identifying the resource.").short('f');
pub(crate) const FILENAME_LAST_APPLIED: Flag = Flag::string_slice(
    "filename",
    "",
    "Filename, directory, or URL to files that contains the last-applied-configuration \
    annotations",
)
.short('f');
pub(crate) const FILENAME_UPDATE: Flag = Flag::string_slice(
    "filename",
    "",
    "Filename, directory, or URL to files identifying the resource to update",
)
.short('f');
pub(crate) const FORCE: Flag = Flag::bool(
    "force",
    "false",
    "If true, immediately remove resources from API and bypass graceful deletion. Note that \
    immediate deletion of some resources may result in inconsistency or data loss and \
    requires confirmation.",
);
pub(crate) const FORCE_CONFLICTS: Flag = Flag::bool(
    "force-conflicts",
    "false",
    "If true, server-side apply will force the changes against conflicts.",
);
pub(crate) const FROM_FILE: Flag = Flag::string_slice(
    "from-file",
    "",
    "Key files can be specified using their file path, in which case a default name will be \
    given to them, or optionally with a name and file path, in which case the given name \
    will be used.  Specifying a directory will iterate each named file in the directory that \
    is a valid secret key.",
);
pub(crate) const GRACE_PERIOD: Flag = Flag::int(
    "grace-period",
    "-1",
    "Period of time in seconds given to the resource to terminate gracefully. Ignored if \
    negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true \
    (force deletion).",
);
pub(crate) const IMAGE: Flag = Flag::string("image", "", "Image name to run.");
pub(crate) const KUSTOMIZE: Flag = Flag::string(
    "kustomize",
    "",
    "Process the kustomization directory. This flag can't be used together with -f or -R.",
)
.short('k');
pub(crate) const KUSTOMIZE_ANY: Flag = Flag::string(
    "kustomize",
    "",
    "Process a kustomization directory. This flag can't be used together with -f or -R.",
)
.short('k');
pub(crate) const LOCAL: Flag = Flag::bool(
    "local",
    "false",
    "If true, annotation will NOT contact api-server but run locally.",
);
pub(crate) const NO_HEADERS: Flag = Flag::bool(
    "no-headers",
    "false",
    "When using the default or custom-column output format, don't print headers (default \
    print headers).",
);
pub(crate) const OUTPUT: Flag = Flag::string(
    "output",
    "",
    "Output format. One of: (json, yaml, name, go-template, go-template-file, template, \
    templatefile, jsonpath, jsonpath-as-json, jsonpath-file).",
)
.short('o');
pub(crate) const OVERRIDES: Flag = Flag::string(
    "overrides",
    "",
    "An inline JSON override for the generated object. If this is non-empty, it is used to \
    override the generated object. Requires that the object supply a valid apiVersion \
    field.",
);
pub(crate) const OVERRIDE_TYPE: Flag = Flag::string(
    "override-type",
    "merge",
    "The method used to override the generated object: json, merge, or strategic.",
);
pub(crate) const POD_RUNNING_TIMEOUT: Flag = Flag::duration(
    "pod-running-timeout",
    "1m0s",
    "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one \
    pod is running",
);
pub(crate) const POD_RUNNING_TIMEOUT_SHORT: Flag = Flag::duration(
    "pod-running-timeout",
    "20s",
    "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one \
    pod is running",
);
pub(crate) const QUIET: Flag =
    Flag::bool("quiet", "false", "Only print output from the remote session").short('q');
pub(crate) const RECORD: Flag = Flag::bool(
    "record",
    "false",
    "Record current kubectl command in the resource annotation. If set to false, do not record the \
    command. If set to true, record the command. If not set, default to updating the existing \
    annotation value only if one already exists.",
)
.deprecated("--record will be removed in the future");
pub(crate) const RECURSIVE: Flag = Flag::bool(
    "recursive",
    "false",
    "Process the directory used in -f, --filename recursively. Useful when you want to \
    manage related manifests organized within the same directory.",
)
.short('R');
pub(crate) const RECURSIVE_BY_DEFAULT: Flag = Flag::bool(
    "recursive",
    "true",
    "Process the directory used in -f, --filename recursively. Useful when you want to \
    manage related manifests organized within the same directory.",
)
.short('R');
pub(crate) const RESOURCE: Flag =
    Flag::string_slice("resource", "", "Resource that the rule applies to");
pub(crate) const RESOURCE_NAME: Flag = Flag::string_array(
    "resource-name",
    "",
    "Resource in the white list that the rule applies to, repeat this flag for multiple items",
);
pub(crate) const SAVE_CONFIG: Flag = Flag::bool(
    "save-config",
    "false",
    "If true, the configuration of current object will be saved in its annotation. \
    Otherwise, the annotation will be unchanged. This flag is useful when you want to \
    perform kubectl apply on this object in the future.",
);
pub(crate) const SELECTOR: Flag = Flag::string(
    "selector",
    "",
    "Selector (label query) to filter on, supports '=', '==', and '!='.(e.g. -l \
    key1=value1,key2=value2). Matching objects must satisfy all of the specified label \
    constraints.",
)
.short('l');
pub(crate) const SERVER_SIDE: Flag =
    Flag::bool("server-side", "false", "If true, apply runs in the server instead of the client.");
pub(crate) const SHOW_MANAGED_FIELDS: Flag = Flag::bool(
    "show-managed-fields",
    "false",
    "If true, keep the managedFields when printing objects in JSON or YAML format.",
);
pub(crate) const STDIN: Flag =
    Flag::bool("stdin", "false", "Pass stdin to the container").short('i');
pub(crate) const TCP: Flag =
    Flag::string_slice("tcp", "", "Port pairs can be specified as '<port>:<targetPort>'.");
pub(crate) const TEMPLATE: Flag = Flag::string(
    "template",
    "",
    "Template string or path to template file to use when -o=go-template, \
    -o=go-template-file. The template format is golang templates \
    [http://golang.org/pkg/text/template/#pkg-overview].",
);
pub(crate) const TIMEOUT: Flag = Flag::duration(
    "timeout",
    "0s",
    "The length of time to wait before giving up on a delete, zero means determine a timeout \
    from the size of the object",
);
pub(crate) const TTY: Flag = Flag::bool("tty", "false", "Stdin is a TTY").short('t');
pub(crate) const USE_PROTOCOL_BUFFERS: Flag = Flag::bool(
    "use-protocol-buffers",
    "true",
    "Enables using protocol-buffers to access Metrics API.",
);
pub(crate) const VALIDATE: Flag = Flag::string(
    "validate",
    "strict",
    "Must be one of: strict (or true), warn, ignore (or false). \t\t\"true\" or \"strict\" \
    will use a schema to validate the input and fail the request if invalid. It will perform \
    server side validation if ServerSideFieldValidation is enabled on the api-server, but \
    will fall back to less reliable client-side validation if not. \t\t\"warn\" will warn \
    about unknown or duplicate fields without blocking the request if server-side field \
    validation is enabled on the API server, and behave as \"ignore\" otherwise. \
    \t\t\"false\" or \"ignore\" will not perform any schema validation, silently dropping \
    any unknown or duplicate fields.",
)
.implied("strict");
pub(crate) const VERB: Flag =
    Flag::string_slice("verb", "", "Verb that applies to the resources contained in the rule");
pub(crate) const WAIT: Flag = Flag::bool(
    "wait",
    "false",
    "If true, wait for resources to be gone before returning. This waits for finalizers.",
);
pub(crate) const WINDOWS_LINE_ENDINGS: Flag = Flag::bool(
    "windows-line-endings",
    "false",
    "Defaults to the line ending native to your platform.",
);

/// The flags of commands that print objects.
pub(crate) const PRINT: &[Flag] =
    &[ALLOW_MISSING_TEMPLATE_KEYS, OUTPUT, SHOW_MANAGED_FIELDS, TEMPLATE];
