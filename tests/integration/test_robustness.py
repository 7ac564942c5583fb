# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# Killed processes, bad files, a full disk: a clear error each, nothing hangs,
# and the next run works.

import os
import signal
import subprocess
import sys
import time

from world import (children, execute, finish, fovea, main, program_of, Skip, start,
                   RUN, TUNE)

CAPTURE = ['cam', '-c', '1', '--capture=10']
ENDLESS = ['cam', '-c', '1', '--capture']


def next_run_works():
    result = fovea('--virtual-time', '--', *CAPTURE)
    assert result.status == 0, result


def wait_for_program(process, name, seconds=30):
    """Process identifier of a descendant that runs this program."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        for pid in children(process.pid):
            if program_of(pid) == name:
                return pid
        time.sleep(0.05)
    raise AssertionError(f'{name} does not start: {finish(process, 1)}')


def streaming(process):
    """Wait until the worker runs and some frames have passed."""
    wait_for_program(process, 'fovea_ipa_worker')
    time.sleep(1)


def expect_gone(pids, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        left = [pid for pid in pids if program_of(pid)]
        if not left:
            return
        time.sleep(0.05)
    raise AssertionError(f'still there: {[(pid, program_of(pid)) for pid in left]}')


def application_killed_mid_stream(directory):
    process = start([RUN, '--', *ENDLESS])
    streaming(process)
    pids = children(process.pid)
    os.kill(wait_for_program(process, 'cam'), signal.SIGKILL)
    result = finish(process, 30)
    assert result.status == 128 + signal.SIGKILL, result
    expect_gone(pids)
    next_run_works()


def device_is_clean_after_a_killed_client(directory):
    script = ('cam -c 1 --capture >/dev/null 2>&1 & client=$!; sleep 3; kill -KILL $client; '
              'wait $client; cam -c 1 --capture=10')
    result = fovea('--', 'sh', '-c', script)
    assert result.status == 0, result


def server_killed_mid_stream(directory):
    process = start([RUN, '--', *ENDLESS])
    streaming(process)
    os.kill(wait_for_program(process, 'fovea-hw'), signal.SIGKILL)
    # cam waits for a lost camera for ever: fovea-run ends it.
    result = finish(process, 30)
    assert result.status != 0, result
    assert 'fovea-hw was killed' in result.errors, result
    next_run_works()


def interrupted_run_ends(directory):
    process = start([RUN, '--', *ENDLESS])
    streaming(process)
    pids = children(process.pid)
    process.send_signal(signal.SIGTERM)
    finish(process, 30)
    expect_gone(pids)


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, 'w') as file:
        file.write(text)
    return path


def expect_refusal(result, *words):
    assert result.status not in (0, 139, 134), result
    for word in words:
        assert word in result.errors, (word, str(result))


def missing_files_are_named(directory):
    for option in ('--rig', '--scene', '--recording'):
        expect_refusal(fovea(option, f'{directory}/nowhere.yaml', '--', *CAPTURE),
                       'nowhere.yaml')
    expect_refusal(execute([TUNE, 'replay', f'{directory}/nowhere.yaml', '-o',
                            f'{directory}/out.png']), 'nowhere.yaml')


def malformed_rig_is_refused(directory):
    path = write(directory, 'rig.yaml', 'name: broken\nsensors: 17\n')
    expect_refusal(fovea('--rig', path, '--', *CAPTURE), 'rig.yaml')


def malformed_scene_is_refused(directory):
    path = write(directory, 'scene.yaml', 'name: [unclosed\n')
    expect_refusal(fovea('--scene', path, '--', *CAPTURE), 'scene.yaml')


def malformed_recording_is_refused(directory):
    path = write(directory, 'recording.yaml', 'width: -5\n')
    expect_refusal(fovea('--recording', path, '--', *CAPTURE), 'recording.yaml')


def unreadable_files_are_named(directory):
    """Root reads every file, but not one that leads to itself."""
    path = os.path.join(directory, 'unreadable.yaml')
    os.symlink(path, path)
    for option in ('--rig', '--scene', '--recording', '--tuning'):
        expect_refusal(fovea(option, path, '--', *CAPTURE), 'unreadable.yaml')


def unreadable_raw_file_is_named(directory):
    os.symlink('frame.raw', os.path.join(directory, 'frame.raw'))
    path = write(directory, 'recording.yaml',
                 'version: 1\nname: x\nmodel: x\nsize: [64, 64]\nbit_depth: 8\npacking: u8\n'
                 'bayer_order: RGGB\nwhite_level: 255\nblack_level: 16\nframes: [frame.raw]\n')
    expect_refusal(fovea('--recording', path, '--', *CAPTURE), 'frame.raw')


def malformed_tuning_is_refused(directory):
    path = write(directory, 'tuning.yaml',
                 '%YAML 1.1\n---\nversion: 1\nalgorithms:\n  - BlackLevel:\n      red: 70000\n')
    result = fovea('--virtual-time', '--tuning', path, '--', *CAPTURE)
    assert result.status != 0, result
    assert 'tuning.yaml:6' in result.errors, result
    next_run_works()


def full_disk_is_reported(directory):
    """cam and fovea-tune on a file system with no room left."""
    mount = os.path.join(directory, 'small')
    os.mkdir(mount)
    probe = subprocess.run(['unshare', '-rm', 'mount', '-t', 'tmpfs', 'none', mount],
                           capture_output=True)
    if probe.returncode:
        raise Skip('no user namespace to mount a small file system in')

    mounted = f'mount -t tmpfs -o size=64k none {mount} && '
    tune = f'{TUNE} capture -o {mount}/out.png --frames 2'
    result = execute(['unshare', '-rm', 'sh', '-c', mounted + tune])
    assert result.status == 1, result
    assert 'out.png' in result.errors and 'space' in result.errors, result

    cam = f'{RUN} --virtual-time -- cam -c 1 --capture=3 --file={mount}/frame-#.ppm'
    result = execute(['unshare', '-rm', 'sh', '-c', mounted + cam])
    assert 'ailed' in result.errors or 'rror' in result.errors, result
    next_run_works()


if __name__ == '__main__':
    sys.exit(main([
        application_killed_mid_stream,
        device_is_clean_after_a_killed_client,
        server_killed_mid_stream,
        interrupted_run_ends,
        missing_files_are_named,
        malformed_rig_is_refused,
        malformed_scene_is_refused,
        malformed_recording_is_refused,
        unreadable_files_are_named,
        unreadable_raw_file_is_named,
        malformed_tuning_is_refused,
        full_disk_is_reported,
    ]))
