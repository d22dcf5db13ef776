//! The `hemogate` program.

fn main() -> std::process::ExitCode {
    hemogate::cli::run()
}
