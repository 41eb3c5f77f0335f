//! The binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    pharos::cli::main(std::env::args_os().collect())
}
