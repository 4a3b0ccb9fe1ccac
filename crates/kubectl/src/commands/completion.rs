//! `kubectl completion`

use crate::command::{Command, run};
use crate::errors::{Result, quote};
use crate::invocation::Invocation;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "completion",
    short: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    long: include_str!("../../help/completion.txt"),
    usage: "completion SHELL",
    run: run!(completion),
    ..Command::EMPTY
};

/// Words are completed by the line editor itself; the script only has to be there to be sourced.
const SCRIPT: &str = "complete -o default -F __start_kubectl kubectl\n";

async fn completion(invocation: Rc<Invocation>) -> Result {
    let shell = match invocation.arguments.as_slice() {
        [] => return Err(invocation.usage_error("Shell not specified.")),
        [shell] => shell.as_str(),
        _ => {
            let message = "Too many arguments. Expected only the shell type.";
            return Err(invocation.usage_error(message));
        }
    };
    let function = match shell {
        "bash" => "__start_kubectl() {\n    COMPREPLY=()\n}\n",
        "zsh" => "#compdef kubectl\ncompdef _kubectl kubectl\n_kubectl() {\n    _files\n}\n",
        "fish" => "complete -c kubectl\n",
        "powershell" => "Register-ArgumentCompleter -CommandName 'kubectl' -ScriptBlock {}\n",
        other => {
            let message = format!("Unsupported shell type {}.", quote(other));
            return Err(invocation.usage_error(message));
        }
    };
    invocation.context.put(format!("# {shell} completion for kubectl\n{function}"));
    if shell == "bash" {
        invocation.context.put(SCRIPT);
    }
    Ok(())
}
