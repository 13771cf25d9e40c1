//! Whether a program was started with a standard output that takes anything.
//!
//! Before `main`, Rust opens the null device in the place of a closed stream, so
//! that everything written is lost without an error. Here the stream is looked at
//! before that, where the system calls a program's initialisers (Linux); on other
//! systems it counts as open.

#[cfg(target_os = "linux")]
mod early {
    use std::sync::atomic::{AtomicBool, Ordering};

    static CLOSED: AtomicBool = AtomicBool::new(false);

    extern "C" fn look() {
        // SAFETY: `fcntl` with F_GETFL takes any number, reads no memory of ours
        // and changes nothing.
        #[allow(unsafe_code)]
        let flags = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFL) };
        let takes = flags >= 0 && matches!(flags & libc::O_ACCMODE, libc::O_WRONLY | libc::O_RDWR);
        CLOSED.store(!takes, Ordering::Relaxed);
    }

    // SAFETY: the loader calls what stands in this section, functions of this
    // type, once and before `main`; `look` uses nothing that Rust sets up later.
    #[allow(unsafe_code)]
    #[used]
    #[unsafe(link_section = ".init_array")]
    static LOOK: extern "C" fn() = look;

    pub(super) fn closed() -> bool {
        CLOSED.load(Ordering::Relaxed)
    }
}

/// True if nothing could be written to standard output when the program started:
/// it was closed, or open for reading alone.
///
/// ```
/// assert!(!outlay_streams::stdout_was_closed());
/// ```
pub fn stdout_was_closed() -> bool {
    #[cfg(target_os = "linux")]
    return early::closed();
    #[cfg(not(target_os = "linux"))]
    false
}
