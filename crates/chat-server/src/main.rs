//! The chat server.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A message is allocated by one thread and freed by another, which glibc's allocator has to lock for.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    chat_server::cli::main()
}
