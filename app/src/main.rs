//! The binary.

use std::{process::ExitCode, thread, time::Duration};

/// It gives memory back that a burst has freed, where the system's own keeps it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often the allocator is reminded. It gives back what has been free for a second.
const REMINDED: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    // Without it, memory is given back later.
    let _ = thread::Builder::new().name("memory".into()).spawn(give_back);
    pharos::cli::main(std::env::args_os().collect())
}

/// Otherwise it gives back what was freed when memory is next freed, which may be never: a page is made in a burst, and
/// then it is quiet. Giving back at once would have each burst ask for all of it again, which takes the system longer than
/// the page.
fn give_back() {
    loop {
        thread::sleep(REMINDED);
        collect();
    }
}

#[expect(unsafe_code, reason = "mimalloc is reminded by C alone")]
fn collect() {
    // SAFETY: it may be called at any time, by any thread.
    unsafe { libmimalloc_sys::mi_collect(false) }
}
