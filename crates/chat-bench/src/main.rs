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
use options::{Common, FanOut, Idle, Options, Scenario, Storm};
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
    let before = scene.usage();
    let begun = Instant::now();
    let (stop, stopped) = watch::channel(false);
    let expected = {
        let sending = send(scene.audience.clone(), &options.traffic, stopped);
        let time = async {
            scene.wait(options.seconds).await;
            stop.send_replace(true);
        };
        let (sent, ()) = tokio::join!(sending, time);
        sent?;
        scene.drain().await
    };
    let seconds = begun.elapsed().as_secs_f64();
    let traffic = TrafficReport::of(&scene.audience.tally, expected, seconds);
    let after = scene.usage();
    let report = Report {
        scenario: "fan-out",
        connections: scene.connections,
        seconds,
        opening_seconds: Some(scene.opening.as_secs_f64()),
        server: before
            .zip(after)
            .map(|(before, after)| ServerReport::between(before, after, seconds, Some(traffic.deliveries))),
        traffic: Some(traffic),
        storm: None,
    };
    scene.leave().await?;
    Ok(report)
}

async fn idle(common: &Common, options: &Idle) -> Result<Report, BenchError> {
    let rooms = options.connections.div_ceil(options.members);
    let scene = Scene::set(common, rooms, options.members.min(options.connections)).await?;
    let before = scene.usage();
    let begun = Instant::now();
    scene.wait(options.seconds).await;
    let seconds = begun.elapsed().as_secs_f64();
    let after = scene.usage();
    let mut server =
        before.zip(after).map(|(before, after)| ServerReport::between(before, after, seconds, None));
    if let (Some(server), Some(empty), Some(after)) = (&mut server, scene.empty, after) {
        let added = after.memory.saturating_sub(empty.memory);
        server.memory_kib_per_connection = Some(added as f64 / 1024.0 / scene.connections as f64);
    }
    let report = Report {
        scenario: "idle",
        connections: scene.connections,
        seconds,
        opening_seconds: Some(scene.opening.as_secs_f64()),
        server,
        ..Report::default()
    };
    scene.leave().await?;
    Ok(report)
}

async fn storm(common: &Common, options: &Storm) -> Result<Report, BenchError> {
    let rooms = options.connections.div_ceil(options.members);
    let scene = Scene::set(common, rooms, options.members.min(options.connections)).await?;
    let before = scene.usage();
    let begun = Instant::now();
    let (stop, stopped) = watch::channel(false);
    let expected = {
        let sending = send(scene.audience.clone(), &options.traffic, stopped);
        let time = async {
            scene.wait(AROUND_A_STORM).await;
            scene.cut();
            scene.wait(AROUND_A_STORM).await;
            stop.send_replace(true);
        };
        let (sent, ()) = tokio::join!(sending, time);
        sent?;
        scene.drain().await
    };
    let seconds = begun.elapsed().as_secs_f64();
    let traffic = TrafficReport::of(&scene.audience.tally, expected, seconds);
    let after = scene.usage();
    let mut report = Report {
        scenario: "storm",
        connections: scene.connections,
        seconds,
        opening_seconds: Some(scene.opening.as_secs_f64()),
        server: before
            .zip(after)
            .map(|(before, after)| ServerReport::between(before, after, seconds, Some(traffic.deliveries))),
        traffic: Some(traffic),
        storm: None,
    };
    let returns = scene.leave().await?;
    report.storm = Some(StormReport {
        back: returns.len() as u64,
        recovered: returns.iter().filter(|one| one.recovered).count() as u64,
        last_back_seconds: returns.iter().map(|one| one.after.as_secs_f64()).fold(0.0, f64::max),
    });
    Ok(report)
}
