//! Training on other machines: two servers on this one, each a run of the command.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use diffusion_testing::transcript::Terminal;
use part_o_on_an_engine::device;
use part_o_on_an_engine::precision::Precision;

use crate::PROGRAM;
use crate::lesson::{assert_near, cpu, losses};

/// A run of the command that lets others compute, and its address.
struct Server {
    run: Child,
    /// It may go on to print.
    _told: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    fn start(terminal: &Terminal) -> Self {
        let mut command = terminal.command("--serve 127.0.0.1:0");
        let mut run = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(run.stdout.take().unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        let mut words = line.split([' ', ',']);
        let address = words.find(|word| word.starts_with("ws://")).unwrap().to_owned();
        Server { run, _told: told, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.run.kill();
        let _ = self.run.wait();
    }
}

#[test]
fn other_machines_learn_as_this_one() {
    let terminal = Terminal::new(PROGRAM);
    let servers = [Server::start(&terminal), Server::start(&terminal)];
    let [one, other] =
        [&servers[0], &servers[1]].map(|server| device::named(&server.address).unwrap());
    assert!(device::is_processor(&cpu()) && !device::is_processor(&one));
    let (here, learned_here) = losses(vec![cpu()], Precision::F32);
    let (there, learned_there) = losses(vec![one.clone()], Precision::F32);
    assert_near(&there, &here, 1e-5);
    assert!(learned_here == learned_there, "the same kernels, and the same bits");
    let (both, _) = losses(vec![one, other], Precision::F32);
    assert_near(&both, &here, 1e-5);
}

#[test]
fn a_machine_that_is_not_there() {
    let error = device::named("ws://127.0.0.1:1").unwrap_err().to_string();
    assert!(error.starts_with("'ws://127.0.0.1:1' can't be used: "), "{error}");
    let error = device::named("ws://127.0.0.1:1/x").unwrap_err().to_string();
    assert!(error.contains("is no device"), "{error}");
}
