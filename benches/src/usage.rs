//! The resources of a process, as the kernel counts them.

use std::fs;
use std::io;
use std::time::Duration;

use nix::time::ClockId;
use nix::unistd::Pid;

/// Returns the processor time that all threads of a process have used so far, including threads that have ended.
///
/// Reads the process's CPU clock, which is exact to the nanosecond. `/proc/PID/stat` counts hundredths of a second.
pub(crate) fn processor_time(process: u32) -> io::Result<Duration> {
    let process = Pid::from_raw(i32::try_from(process).map_err(io::Error::other)?);
    Ok(nix::time::clock_getcpuclockid(process)?.now()?.into())
}

/// Returns the processor time of the calling thread.
pub(crate) fn own_processor_time() -> io::Result<Duration> {
    Ok(ClockId::CLOCK_THREAD_CPUTIME_ID.now()?.into())
}

/// Returns the memory of a process in kB: resident memory, page tables, and the kernel stacks of its threads.
///
/// The kernel counts the stacks of all processes together. So the stacks are exact only as growth, and only while the
/// rest of the machine is quiet. Socket buffers are not included.
pub(crate) fn memory(process: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let machine = fs::read_to_string("/proc/meminfo")?;
    Ok(field(&status, "VmRSS:")? + field(&status, "VmPTE:")? + field(&machine, "KernelStack:")?)
}

pub(crate) fn threads(process: u32) -> io::Result<u64> {
    field(&fs::read_to_string(format!("/proc/{process}/status"))?, "Threads:")
}

/// Returns the number of open descriptors of a process.
pub(crate) fn descriptors(process: u32) -> io::Result<usize> {
    Ok(fs::read_dir(format!("/proc/{process}/fd"))?.count())
}

fn field(text: &str, name: &str) -> io::Result<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    first_number(value.ok_or_else(|| io::Error::other(format!("the kernel does not report {name}")))?)
}

fn first_number(text: &str) -> io::Result<u64> {
    let number = text.split_whitespace().next().and_then(|word| word.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("a number was expected, not {text:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_of_this_process_is_positive() {
        let this = std::process::id();
        assert!(own_processor_time().unwrap() > Duration::ZERO);
        assert!(processor_time(this).unwrap() >= own_processor_time().unwrap());
        assert!(memory(this).unwrap() > 100);
        assert!(threads(this).unwrap() >= 1);
        assert!(descriptors(this).unwrap() >= 3);
    }
}
