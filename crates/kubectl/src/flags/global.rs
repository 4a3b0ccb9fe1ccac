//! The flags that every command has.

use super::Flag;

/// The flags that every command has; `kubectl options` prints them.
pub(crate) const GLOBAL: &[Flag] = &[
    Flag::string(
        "as",
        "",
        "Username to impersonate for the operation. User could be a regular user or a \
        service account in a namespace.",
    ),
    Flag::string_array(
        "as-group",
        "",
        "Group to impersonate for the operation, this flag can be repeated to specify \
        multiple groups.",
    ),
    Flag::string("as-uid", "", "UID to impersonate for the operation."),
    Flag::string("cache-dir", "", "Default cache directory"),
    Flag::string("certificate-authority", "", "Path to a cert file for the certificate authority"),
    Flag::string("client-certificate", "", "Path to a client certificate file for TLS"),
    Flag::string("client-key", "", "Path to a client key file for TLS"),
    Flag::string("cluster", "", "The name of the kubeconfig cluster to use"),
    Flag::string("context", "", "The name of the kubeconfig context to use"),
    Flag::bool(
        "disable-compression",
        "false",
        "If true, opt-out of response compression for all requests to the server",
    ),
    Flag::bool(
        "insecure-skip-tls-verify",
        "false",
        "If true, the server's certificate will not be checked for validity. This will make \
        your HTTPS connections insecure",
    ),
    Flag::string("kubeconfig", "", "Path to the kubeconfig file to use for CLI requests."),
    Flag::duration("log-flush-frequency", "5s", "Maximum number of seconds between log flushes"),
    Flag::bool("match-server-version", "false", "Require server version to match client version"),
    Flag::string("namespace", "", "If present, the namespace scope for this CLI request")
        .short('n'),
    Flag::string("password", "", "Password for basic authentication to the API server"),
    Flag::string(
        "profile",
        "none",
        "Name of profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex)",
    ),
    Flag::string("profile-output", "profile.pprof", "Name of the file to write the profile to"),
    Flag::string(
        "request-timeout",
        "0",
        "The length of time to wait before giving up on a single server request. Non-zero \
        values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero \
        means don't timeout requests.",
    ),
    Flag::string("server", "", "The address and port of the Kubernetes API server").short('s'),
    Flag::string(
        "tls-server-name",
        "",
        "Server name to use for server certificate validation. If it is not provided, the \
        hostname used to contact the server is used",
    ),
    Flag::string("token", "", "Bearer token for authentication to the API server"),
    Flag::string("user", "", "The name of the kubeconfig user to use"),
    Flag::string("username", "", "Username for basic authentication to the API server"),
    Flag::int("v", "0", "number for the log level verbosity").short('v'),
    Flag::string_map(
        "vmodule",
        "",
        "comma-separated list of pattern=N settings for file-filtered logging (only \
            works for the default text log format)",
    ),
    Flag::bool(
        "warnings-as-errors",
        "false",
        "Treat warnings received from the server as errors and exit with a non-zero exit code",
    ),
];
