//! The group `batch`.

pub mod cron_job;
pub mod cron_schedule;
pub mod job;
pub mod job_update;
pub mod pod_failure_policy;
