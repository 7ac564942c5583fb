# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# The demonstration behind utils/demo: a live capture with the unmodified cam,
# pictures of scenes and recordings, a contact sheet and a report.

import argparse
import csv
import glob
import os
import re
import shutil
import subprocess
import sys
import time

import sandbox

LIVE_FRAMES = 300
STILL_FRAMES = 30
SCENES = ['chart-2850k', 'chart-4000k', 'chart-6500k']

# A value is settled once it stays this close to its last value.
SETTLED = 0.03


def say(text):
    print(f'demo: {text}', flush=True)


def run(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode:
        sys.stderr.write(result.stdout[-3000:] + result.stderr[-6000:])
        sys.exit(f'demo: {" ".join(command)} failed with status {result.returncode}; '
                 'its messages are above')
    return result


def cpu_seconds():
    """CPU time so far of each process of interest, by process identifier."""
    ticks = os.sysconf('SC_CLK_TCK')
    found = {}
    for stat in glob.glob('/proc/[0-9]*/stat'):
        try:
            with open(stat) as file:
                head, tail = file.read().rsplit(')', 1)
            name = head.split('(', 1)[1]
            if name in ('fovea-hw', 'cam', 'fovea_ipa_worke'):
                fields = tail.split()
                pid = int(stat.split('/')[2])
                found[pid] = (name, (int(fields[11]) + int(fields[12])) / ticks)
        except (OSError, IndexError):
            pass
    return found


def live_capture(build, out):
    """300 frames at 1920x1080 in real time; rate, drops and CPU use."""
    before = set(cpu_seconds())
    log = os.path.join(out, 'live.log')
    usage, start = {}, time.monotonic()
    with open(log, 'w') as file:
        process = subprocess.Popen(
            [f'{build}/fovea-run', '--', 'cam', '-c', '1', '-s',
             'role=video,width=1920,height=1080', f'--capture={LIVE_FRAMES}'],
            stdout=file, stderr=subprocess.STDOUT)
        while process.poll() is None:
            usage.update({pid: value for pid, value in cpu_seconds().items()
                          if pid not in before})
            time.sleep(0.1)
    elapsed = time.monotonic() - start
    with open(log) as file:
        output = file.read()
    if process.returncode:
        sys.exit(f'demo: the live capture failed\n{output[-4000:]}')

    frames = [(float(t), int(n)) for t, n in
              re.findall(r'^(\d+\.\d+) .*?seq: (\d+)', output, re.MULTILINE)]
    span = frames[-1][0] - frames[0][0]
    # The capture is most of the run; start and stop are in the figure.
    cpu = {}
    for name, seconds in usage.values():
        cpu[name] = cpu.get(name, 0) + seconds
    return {
        'frames': len(frames),
        'dropped': frames[-1][1] - frames[0][1] + 1 - len(frames),
        'rate': (frames[-1][1] - frames[0][1]) / span,
        'cpu': {name: 100 * seconds / elapsed for name, seconds in sorted(cpu.items())},
    }


def settled_after(values):
    """Number of the first frame from which on a series stays near its end."""
    last = values[-1]
    for index in range(len(values), 0, -1):
        if abs(values[index - 1] - last) > SETTLED * abs(last):
            return index
    return 0


def read_metadata(path):
    with open(path) as file:
        rows = list(csv.DictReader(file))
    exposures = [float(row['exposure']) * float(row['gain']) for row in rows]
    red = [float(row['red_gain']) for row in rows]
    blue = [float(row['blue_gain']) for row in rows]
    last = rows[-1]
    return {
        'ae': settled_after(exposures),
        'awb': max(settled_after(red), settled_after(blue)),
        'exposure': float(last['exposure']), 'gain': float(last['gain']),
        'red': red[-1], 'blue': blue[-1],
        'temperature': last['temperature'], 'lux': last['lux'],
    }


def take(build, out, kind, name, target):
    """One picture, the last of STILL_FRAMES, and how 3A came there."""
    picture = os.path.join(out, f'{name}.png')
    metadata = os.path.join(out, f'{name}.csv')
    where = ['capture', '--scene', target] if kind == 'scene' else ['replay', target]
    started = time.monotonic()
    result = run([f'{build}/fovea-tune', *where, '-o', picture, '--metadata', metadata,
                  '--frames', str(STILL_FRAMES)])
    summary = read_metadata(metadata)
    summary.update(name=name, kind=kind, seconds=time.monotonic() - started,
                   hash=re.search(r'hash ([0-9a-f]{16})', result.stdout).group(1))
    say(f'{name}: exposure settled after {summary["ae"]} frames, white balance after '
        f'{summary["awb"]}; {summary["exposure"]:.0f} us, gain {summary["gain"]:.2f}, '
        f'colour gains {summary["red"]:.2f} {summary["blue"]:.2f}, {summary["temperature"]} K')
    return summary


def recordings(source):
    """Recordings whose raw files are here."""
    data = os.environ.get('FOVEA_DATA_PATH', os.path.join(source, '..', 'shared', 'data'))
    if not os.path.isdir(os.path.join(data, 'raw')):
        say(f'no recorded raw frames at {data}: only synthetic scenes')
        return []
    return sorted(glob.glob(os.path.join(source, 'recordings', '*.yaml')))


def contact_sheet(out, summaries):
    """All pictures on one sheet, with their names."""
    arguments = []
    for summary in summaries:
        arguments += ['-label', summary['name'], os.path.join(out, summary['name'] + '.png')]
    sheet = os.path.join(out, 'contact-sheet.png')
    run(['montage', '-font', 'DejaVu-Sans', *arguments, '-geometry', '480x360>+8+8', '-tile', '3x',
         '-background', '#303030', '-fill', 'white', sheet])
    return sheet


def write_report(out, live, summaries):
    lines = ['# What utils/demo did', '',
             f'Live: the unmodified `cam` took {live["frames"]} frames of 1920x1080 NV12 in real '
             f'time at {live["rate"]:.2f} frames/s, {live["dropped"]} dropped. CPU use, in '
             'per cent of one processor: ' +
             ', '.join(f'{name} {value:.0f}' for name, value in live['cpu'].items()) + '.',
             '', f'Pictures: the last of {STILL_FRAMES} frames in virtual time.', '',
             '| picture | AE settled after | AWB settled after | exposure (us) | gain | '
             'red, blue gain | K | seconds | hash |',
             '|---|---|---|---|---|---|---|---|---|']
    for s in summaries:
        lines.append(f'| {s["name"]} | {s["ae"]} frames | {s["awb"]} frames | '
                     f'{s["exposure"]:.0f} | {s["gain"]:.2f} | {s["red"]:.3f}, {s["blue"]:.3f} | '
                     f'{s["temperature"]} | {s["seconds"]:.1f} | {s["hash"]} |')
    lines += ['', 'The contact sheet is contact-sheet.png; the CSV files hold the metadata of '
              'every frame. isp/report.html shows what blocks of the ISP do.', '']
    path = os.path.join(out, 'report.md')
    with open(path, 'w') as file:
        file.write('\n'.join(lines))
    return path


def main():
    parser = argparse.ArgumentParser(description='Take pictures with the virtual camera.')
    parser.add_argument('--build', required=True)
    parser.add_argument('--source', required=True)
    parser.add_argument('--out', required=True)
    arguments = parser.parse_args()
    build, out = arguments.build, arguments.out

    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    os.environ.update(sandbox.environment(build, say))

    say(f'taking {LIVE_FRAMES} frames with cam in real time')
    live = live_capture(build, out)
    say(f'{live["frames"]} frames at {live["rate"]:.2f} frames/s, {live["dropped"]} dropped; '
        'CPU use ' + ', '.join(f'{name} {value:.0f} %' for name, value in live['cpu'].items()))

    summaries = [take(build, out, 'scene', scene, scene) for scene in SCENES]
    for path in recordings(arguments.source):
        name = os.path.splitext(os.path.basename(path))[0]
        summaries.append(take(build, out, 'recording', name, path))

    sheet = contact_sheet(out, summaries)
    run([os.path.join(build, 'tests', 'isp', 'isp-report'), os.path.join(out, 'isp')])
    report = write_report(out, live, summaries)
    say(f'pictures in {out}, all of them in {sheet}, figures in {report}')


if __name__ == '__main__':
    main()
