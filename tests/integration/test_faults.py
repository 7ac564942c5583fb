# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# The unmodified cam with hardware that fails and that comes and goes: it goes on,
# no request is lost, sequence numbers are honest.

import os
import re
import signal
import sys
import time

from world import children, execute, finish, fovea, main, program_of, start, BUILD, RUN

CTL = os.path.join(BUILD, 'fovea-ctl')
SIZE = 'width=320,height=240'


def write(directory, text):
    path = os.path.join(directory, 'faults.yaml')
    with open(path, 'w') as file:
        file.write('version: 1\nfaults:\n' + text)
    return path


def capture(frames, *options):
    """Sequence numbers of a capture in virtual time, and its output."""
    result = fovea('--virtual-time', *options, '--', 'cam', '-c', '1', '-s', SIZE,
                   f'--capture={frames}')
    assert result.status == 0, result
    sequences = [int(n) for n in re.findall(r'seq: (\d+)', result.output)]
    assert len(sequences) == frames, result
    return sequences, result


def numbers(*ranges):
    return [n for first, last in ranges for n in range(first, last + 1)]


def lost_frames_leave_a_gap(directory):
    faults = write(directory, '  - { kind: lost-frame, frame: 5, count: 3 }\n')
    sequences, _ = capture(12, '--faults', faults)
    assert sequences == numbers((0, 4), (8, 14)), sequences


def damaged_frame_is_delivered(directory):
    faults = write(directory, '  - { kind: csi-error, frame: 5 }\n')
    sequences, result = capture(12, '--faults', faults)
    assert sequences == numbers((0, 11)), sequences
    assert 'Unusable statistics' in result.errors, result


def late_statistics_cost_frames_only(directory):
    faults = write(directory, '  - { kind: late-statistics, frame: 5, delay_frames: 6 }\n')
    sequences, result = capture(12, '--faults', faults)
    assert sequences == numbers((0, 5), (12, 17)), sequences
    assert 'No statistics' not in result.errors, result


def stalled_isp_catches_up(directory):
    faults = write(directory, '  - { kind: stalled-isp, frame: 5, count: 4 }\n')
    sequences, _ = capture(12, '--faults', faults)
    assert sequences == numbers((0, 5), (10, 15)), sequences


def failing_sensor_bus_is_reported(directory):
    faults = write(directory, '  - { kind: i2c-error, frame: 1, count: 3 }\n')
    sequences, result = capture(12, '--faults', faults)
    assert sequences == numbers((0, 11)), sequences
    assert 'Remote I/O error' in result.errors, result


def slow_bus_changes_nothing(directory):
    faults = write(directory, '  - { kind: slow-bus, frame: 0, delay_ms: 5 }\n')
    sequences, _ = capture(12, '--faults', faults)
    assert sequences == numbers((0, 11)), sequences


def bad_day_is_the_same_twice(directory):
    outputs = [re.findall(r'^.*seq:.*$', capture(100, '--faults', 'bad-day')[1].output, re.M)
               for _ in range(2)]
    assert outputs[0] == outputs[1]


def bad_faults_are_refused(directory):
    faults = write(directory, '  - { kind: lost-frame, frame: 5, count: none }\n')
    result = fovea('--faults', faults, '--', 'true')
    assert result.status == 1, result
    assert "faults.yaml:3:42: field 'faults[0].count': got 'none', expected an integer" in result.errors, result


def wait_for_line(path, text, seconds=60):
    """Wait until a line with this text is in the file; its number of lines."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with open(path) as file:
            content = file.read()
        if text in content:
            return content
        time.sleep(0.05)
    raise AssertionError(f'no "{text}" in:\n{content[-4000:]}')


def start_monitor(directory, *arguments, options=()):
    """cam in a run of its own, what it prints in a file."""
    log = os.path.join(directory, 'log')
    process = start([RUN, *options, '--', 'sh', '-c',
                     f'exec stdbuf -oL cam {" ".join(arguments)} > {log} 2>&1'],
                    env=dict(os.environ, XDG_RUNTIME_DIR=directory, TMPDIR=directory))
    deadline = time.monotonic() + 60
    while not os.path.exists(log) and time.monotonic() < deadline:
        time.sleep(0.05)
    return process, log


def control(directory, *command):
    result = execute([CTL, *command],
                     env=dict(os.environ, XDG_RUNTIME_DIR=directory, TMPDIR=directory))
    assert result.status == 0, result
    return result.output


def interrupt(process):
    """Ctrl-C for cam alone; the run's status is its own."""
    for pid in children(process.pid):
        if program_of(pid) == 'cam':
            os.kill(pid, signal.SIGINT)
    return finish(process, 60)


def monitor_sees_the_camera_go_and_come(directory):
    process, log = start_monitor(directory, '-m')
    wait_for_line(log, 'Monitoring')
    control(directory, 'unplug')
    wait_for_line(log, 'Camera Removed')
    assert '(unplugged)' in control(directory, 'list')
    control(directory, 'plug', 'fovea-isp')
    wait_for_line(log, 'Camera Added')
    result = interrupt(process)
    assert result.status == 0, result


def capture_ends_cleanly_when_unplugged(directory):
    process, log = start_monitor(directory, '-m', '-c', '1', '--capture', '-s', SIZE)
    wait_for_line(log, 'seq: 000005')
    control(directory, 'unplug')
    content = wait_for_line(log, 'Camera Removed')
    assert 'The device is gone' in content or 'No such device' in content, content
    result = interrupt(process)
    assert result.status == 0, result


def timeline_unplugs_and_plugs(directory):
    faults = write(directory, '  - { kind: unplug, frame: 10, duration: 0.5 }\n')
    process, log = start_monitor(directory, '-m', '-c', '1', '--capture', '-s', SIZE,
                                 options=('--faults', faults))
    wait_for_line(log, 'Camera Removed')
    content = wait_for_line(log, 'Camera Added')
    assert max(int(n) for n in re.findall(r'seq: (\d+)', content)) <= 10, content
    result = interrupt(process)
    assert result.status == 0, result


def control_without_a_run_says_so(directory):
    result = execute([CTL, 'list'],
                     env=dict(os.environ, XDG_RUNTIME_DIR=directory, TMPDIR=directory))
    assert result.status == 1 and 'no fovea-run is running' in result.errors, result


if __name__ == '__main__':
    sys.exit(main([
        lost_frames_leave_a_gap,
        damaged_frame_is_delivered,
        late_statistics_cost_frames_only,
        stalled_isp_catches_up,
        failing_sensor_bus_is_reported,
        slow_bus_changes_nothing,
        bad_day_is_the_same_twice,
        bad_faults_are_refused,
        monitor_sees_the_camera_go_and_come,
        capture_ends_cleanly_when_unplugged,
        timeline_unplugs_and_plugs,
        control_without_a_run_says_so,
    ]))
