//! What a system call can fail with.

/// An error number. Its text is the C library's, since that is what programs print.
// The names are those of errno(3): spelled otherwise, nobody would find them.
#[allow(clippy::upper_case_acronyms)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Errno {
    #[error("Operation not permitted")]
    EPERM,
    #[error("No such file or directory")]
    ENOENT,
    #[error("No such process")]
    ESRCH,
    #[error("Interrupted system call")]
    EINTR,
    #[error("Input/output error")]
    EIO,
    #[error("Argument list too long")]
    E2BIG,
    #[error("Exec format error")]
    ENOEXEC,
    #[error("Bad file descriptor")]
    EBADF,
    #[error("No child processes")]
    ECHILD,
    #[error("Resource temporarily unavailable")]
    EAGAIN,
    #[error("Cannot allocate memory")]
    ENOMEM,
    #[error("Permission denied")]
    EACCES,
    #[error("Device or resource busy")]
    EBUSY,
    #[error("File exists")]
    EEXIST,
    #[error("Invalid cross-device link")]
    EXDEV,
    #[error("Not a directory")]
    ENOTDIR,
    #[error("Is a directory")]
    EISDIR,
    #[error("Invalid argument")]
    EINVAL,
    #[error("Too many open files")]
    EMFILE,
    #[error("Inappropriate ioctl for device")]
    ENOTTY,
    #[error("Text file busy")]
    ETXTBSY,
    #[error("File too large")]
    EFBIG,
    #[error("No space left on device")]
    ENOSPC,
    #[error("Illegal seek")]
    ESPIPE,
    #[error("Read-only file system")]
    EROFS,
    #[error("Too many links")]
    EMLINK,
    #[error("Broken pipe")]
    EPIPE,
    #[error("File name too long")]
    ENAMETOOLONG,
    #[error("Directory not empty")]
    ENOTEMPTY,
    #[error("Too many levels of symbolic links")]
    ELOOP,
    #[error("Connection refused")]
    ECONNREFUSED,
    #[error("Connection reset by peer")]
    ECONNRESET,
    #[error("Connection timed out")]
    ETIMEDOUT,
    #[error("No route to host")]
    EHOSTUNREACH,
    #[error("Network is unreachable")]
    ENETUNREACH,
    #[error("Address already in use")]
    EADDRINUSE,
}
