//! The binary.

use std::process::ExitCode;

/// It gives memory back that a burst has freed, where the system's own keeps it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pharos::cli::main(std::env::args_os().collect())
}
