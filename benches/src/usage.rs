//! What a process uses, as the kernel counts it.

use std::fs;
use std::io;
use std::time::Duration;

use nix::time::ClockId;
use nix::unistd::Pid;

/// The processor time of a process so far, of all its threads, ended ones included.
///
/// From its own clock, which is exact to the nanosecond where `/proc/PID/stat` counts in hundredths of a second.
pub(crate) fn processor_time(process: u32) -> io::Result<Duration> {
    let process = Pid::from_raw(i32::try_from(process).map_err(io::Error::other)?);
    Ok(nix::time::clock_getcpuclockid(process)?.now()?.into())
}

/// The processor time of the thread that calls.
pub(crate) fn own_processor_time() -> io::Result<Duration> {
    Ok(ClockId::CLOCK_THREAD_CPUTIME_ID.now()?.into())
}

/// The memory of a process, in kB: what is resident, its page tables, and the stacks that the kernel keeps for threads.
///
/// The stacks are those of all processes, since the kernel counts them together; what grows while one process grows is
/// its own, as far as the machine is quiet otherwise. What sockets hold is not in here.
pub(crate) fn memory(process: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let machine = fs::read_to_string("/proc/meminfo")?;
    Ok(field(&status, "VmRSS:")? + field(&status, "VmPTE:")? + field(&machine, "KernelStack:")?)
}

pub(crate) fn threads(process: u32) -> io::Result<u64> {
    field(&fs::read_to_string(format!("/proc/{process}/status"))?, "Threads:")
}

/// How many descriptors a process has open.
pub(crate) fn descriptors(process: u32) -> io::Result<usize> {
    Ok(fs::read_dir(format!("/proc/{process}/fd"))?.count())
}

fn field(text: &str, name: &str) -> io::Result<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    first_number(value.ok_or_else(|| io::Error::other(format!("the kernel does not tell {name}")))?)
}

fn first_number(text: &str) -> io::Result<u64> {
    let number = text.split_whitespace().next().and_then(|word| word.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("a number was expected, not {text:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_something() {
        let this = std::process::id();
        assert!(own_processor_time().unwrap() > Duration::ZERO);
        assert!(processor_time(this).unwrap() >= own_processor_time().unwrap());
        assert!(memory(this).unwrap() > 100);
        assert!(threads(this).unwrap() >= 1);
        assert!(descriptors(this).unwrap() >= 3);
    }
}
