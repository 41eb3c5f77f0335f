//! The binary.

use std::process::ExitCode;

/// It gives memory back that a burst has freed, where the system's own keeps it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The place of `purge_delay` in mimalloc's list of options (`mi_option_t` in mimalloc.h), for which there is no name here.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

fn main() -> ExitCode {
    give_back_at_once();
    pharos::cli::main(std::env::args_os().collect())
}

/// Otherwise a thread gives back what it freed when it next asks for memory, which may be never: a page is made in a
/// burst on whatever thread, and then it is quiet.
#[expect(unsafe_code, reason = "mimalloc takes its options by C or by the environment of whoever starts us")]
fn give_back_at_once() {
    // SAFETY: it sets a number in a static of mimalloc's, atomically, and may be called at any time.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 0) }
}
