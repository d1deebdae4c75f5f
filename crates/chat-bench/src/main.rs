//! `chat-bench`: how much chat does this machine take, and is every message delivered once and in order?

mod connection;
mod error;
mod member;
mod options;
mod process;
mod report;
mod scene;
mod sender;
mod server;
mod tally;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use tokio::sync::watch;

use error::BenchError;
use options::{Common, FanOut, Idle, Options, Scenario, Storm, Traffic};
use process::Usage;
use report::{Report, ServerReport, StormReport, TrafficReport};
use scene::Scene;
use sender::send;

/// How many seconds messages flow before connections are cut, and after all are back.
const AROUND_A_STORM: u64 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let Options { scenario, common } = Options::parse();
    let run = match &scenario {
        Scenario::FanOut(options) => fan_out(&common, options).await,
        Scenario::Idle(options) => idle(&common, options).await,
        Scenario::Storm(options) => storm(&common, options).await,
    };
    let written = run.and_then(|report| {
        report.print();
        common.json.as_ref().map_or(Ok(()), |path| report.write(path)).map(|()| report.is_whole())
    });
    match written {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("chat-bench: not every delivery came once and in order");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("chat-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn fan_out(common: &Common, options: &FanOut) -> Result<Report, BenchError> {
    let scene = Scene::set(common, options.rooms, options.members).await?;
    let report = under_traffic("fan-out", &scene, &options.traffic, scene.wait(options.seconds)).await?;
    scene.leave().await?;
    Ok(report)
}

async fn idle(common: &Common, options: &Idle) -> Result<Report, BenchError> {
    let scene = Scene::of(common, options.connections, options.members).await?;
    let measurement = Measurement::begin(&scene);
    scene.wait(options.seconds).await;
    let mut report = measurement.end("idle", None);
    if let (Some(server), Some(empty)) = (&mut report.server, scene.empty) {
        server.share_memory(empty, scene.connections);
    }
    scene.leave().await?;
    Ok(report)
}

async fn storm(common: &Common, options: &Storm) -> Result<Report, BenchError> {
    let scene = Scene::of(common, options.connections, options.members).await?;
    let time = async {
        scene.wait(AROUND_A_STORM).await;
        scene.cut();
        scene.wait(AROUND_A_STORM).await;
    };
    let mut report = under_traffic("storm", &scene, &options.traffic, time).await?;
    let returns = scene.leave().await?;
    report.storm = Some(StormReport {
        back: returns.len() as u64,
        recovered: returns.iter().filter(|one| one.recovered).count() as u64,
        last_back_seconds: returns.iter().map(|one| one.after.as_secs_f64()).fold(0.0, f64::max),
    });
    Ok(report)
}

/// Sends for as long as `time` takes, and waits until all has come.
async fn under_traffic(
    scenario: &'static str,
    scene: &Scene,
    traffic: &Traffic,
    time: impl Future<Output = ()>,
) -> Result<Report, BenchError> {
    let measurement = Measurement::begin(scene);
    let (stop, stopped) = watch::channel(false);
    let sending = send(scene.audience.clone(), traffic, stopped);
    let (sent, ()) = tokio::join!(sending, async {
        time.await;
        stop.send_replace(true);
    });
    sent?;
    let expected = scene.drain().await;
    Ok(measurement.end(scenario, Some(expected)))
}

/// The measured part of a run.
struct Measurement<'a> {
    scene: &'a Scene,
    before: Option<Usage>,
    begun: Instant,
}

impl Measurement<'_> {
    fn begin(scene: &Scene) -> Measurement<'_> {
        Measurement { scene, before: scene.server.usage(), begun: Instant::now() }
    }

    /// `expected` is how many deliveries there should have been, where messages were sent.
    fn end(self, scenario: &'static str, expected: Option<u64>) -> Report {
        let Measurement { scene, before, begun } = self;
        let seconds = begun.elapsed().as_secs_f64();
        let traffic = expected.map(|expected| TrafficReport::of(&scene.audience.tally, expected, seconds));
        let deliveries = traffic.as_ref().map(|traffic| traffic.deliveries);
        let used = before.zip(scene.server.usage());
        Report {
            scenario,
            connections: scene.connections,
            seconds,
            opening_seconds: scene.opening.as_secs_f64(),
            traffic,
            storm: None,
            server: used.map(|(before, after)| ServerReport::between(before, after, seconds, deliveries)),
        }
    }
}
