//! Background jobs.

use super::{Dialect, Shell};
use crate::machine::Child;
use crate::process::{Pid, Status};
use std::rc::Rc;

/// How many finished jobs nobody asked about are kept.
const LIMIT_JOBS: usize = 1000;

pub(crate) struct Job {
    pub(crate) number: u32,
    /// The last one's status is the job's.
    pub(crate) children: Vec<Child>,
    pub(crate) text: Rc<str>,
    /// Somebody was told how it ended.
    reported: bool,
}

impl Job {
    /// How it ended, if all its processes have.
    pub(crate) fn status(&self) -> Option<Status> {
        let statuses: Option<Vec<Status>> = self.children.iter().map(Child::status).collect();
        statuses?.last().copied()
    }

    pub(crate) fn last_pid(&self) -> Pid {
        self.children.last().map_or(0, Child::pid)
    }
}

/// A shell's jobs by number.
#[derive(Default)]
pub(crate) struct Jobs(Vec<Job>);

impl Jobs {
    pub(crate) fn add(&mut self, children: Vec<Child>, text: Rc<str>) -> u32 {
        if self.0.len() >= LIMIT_JOBS {
            self.0.remove(0);
        }
        let number = self.0.last().map_or(1, |last| last.number + 1);
        self.0.push(Job { number, children, text, reported: false });
        number
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Job> {
        self.0.iter()
    }

    pub(crate) fn remove(&mut self, number: u32) {
        self.0.retain(|job| job.number != number);
    }

    /// Finds `%1`, `%%`, `%+`, `%-`, `%text`, `%?text`.
    pub(crate) fn find(&self, spec: &str) -> Option<&Job> {
        let spec = spec.strip_prefix('%').unwrap_or(spec);
        match spec {
            "" | "%" | "+" => self.0.last(),
            "-" => self.0.iter().rev().nth(1).or(self.0.last()),
            _ => match (spec.parse::<u32>(), spec.strip_prefix('?')) {
                (Ok(number), _) => self.0.iter().find(|job| job.number == number),
                (_, Some(part)) => self.0.iter().rev().find(|job| job.text.contains(part)),
                _ => self.0.iter().rev().find(|job| job.text.starts_with(spec)),
            },
        }
    }

    /// The job that a child belongs to.
    pub(crate) fn of_child(&self, pid: Pid) -> Option<(u32, Child)> {
        self.0.iter().find_map(|job| {
            let child = job.children.iter().find(|child| child.pid() == pid)?;
            Some((job.number, child.clone()))
        })
    }

    /// `+` for the current job, `-` for the one before it.
    pub(crate) fn mark(&self, number: u32) -> char {
        let place = self.0.iter().rev().position(|job| job.number == number);
        match place {
            Some(0) => '+',
            Some(1) => '-',
            _ => ' ',
        }
    }
}

impl Shell {
    /// A line of `jobs`.
    pub(crate) fn job_line(&self, job: &Job, with_pid: bool) -> String {
        let (number, mark) = (job.number, self.jobs.mark(job.number));
        let state = match job.status() {
            None => "Running".to_owned(),
            Some(Status::Exited(0)) => "Done".to_owned(),
            Some(Status::Exited(code)) if self.dialect.is_bash() => format!("Exit {code}"),
            Some(Status::Exited(code)) => format!("Done({code})"),
            Some(Status::Signalled(signal)) => signal.description().to_owned(),
        };
        let pid = if with_pid { format!("{:5} ", job.last_pid()) } else { String::new() };
        let text = &job.text;
        match self.dialect {
            Dialect::Bash => {
                let end = if job.status().is_none() { " &" } else { "" };
                format!("[{number}]{mark}  {pid}{state:24}{text}{end}\n")
            }
            Dialect::Dash => format!("[{number}] {mark} {pid}{state:27}{text}\n"),
            Dialect::Ash => format!("[{number}]{mark}  {pid}{state:27}{text}\n"),
        }
    }

    /// `fg`: waits for a job as if it had been started in the foreground.
    pub(crate) async fn wait_for_job(&mut self, children: &[Child], text: &str) -> super::Flow {
        self.wait_for_foreground(children, text).await
    }

    /// Before a prompt: says which jobs ended, and forgets them.
    pub(crate) fn report_jobs(&mut self) {
        let mut ended = Vec::new();
        for job in self.jobs.iter() {
            if job.status().is_some() {
                ended.push((job.number, self.job_line(job, false), job.reported));
            }
        }
        for (number, line, reported) in ended {
            if self.is_interactive() && !reported {
                self.context.complain(line);
            }
            self.jobs.remove(number);
        }
    }
}
