# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# The tools of v4l-utils on the nodes, and what calls a capture makes.

import collections
import os
import re
import shutil
import sys

from world import execute, fovea, main, need_command, RUN

ENTITIES = ['imx219 0-0010', 'fovea-csi2rx0', 'fovea-frontend0', 'fovea-raw0', 'fovea-stats0',
            'dw9714 0-000c', 'lm3560 0-0053',
            'imx477 1-0010', 'fovea-csi2rx1', 'fovea-frontend1', 'fovea-raw1', 'fovea-stats1',
            'fovea-backend', 'fovea-params', 'fovea-backend-stats', 'fovea-input',
            'fovea-scaler0', 'fovea-main0', 'fovea-scaler1', 'fovea-viewfinder0']

# The names that libfovea-v4l2.so gives to ioctls of the kernel's interfaces; it
# writes "unknown" for all others.
STANDARD = re.compile(r'(VIDIOC|MEDIA_IOC|MEDIA_REQUEST_IOC|DMA_BUF|DMA_HEAP_IOCTL)_[A-Z_]+$')


# The device streams when the formats agree along the whole graph; the viewfinder
# is left out.
SET_FORMATS = """
    media-ctl -l '"fovea-backend":2 -> "fovea-scaler1":0 [0]'
    for pad in '"imx219 0-0010":0' '"fovea-csi2rx0":1' '"fovea-frontend0":3'; do
        media-ctl -V "$pad [fmt:SRGGB10_1X10/1920x1080]"
    done
    for pad in '"fovea-backend":2' '"fovea-scaler0":1'; do
        media-ctl -V "$pad [fmt:YUV8_1X24/1920x1080]"
    done
    raw=$(media-ctl -e fovea-raw0)
    main=$(media-ctl -e fovea-main0)
    v4l2-ctl -d $raw -v width=1920,height=1080,pixelformat=RG10
    v4l2-ctl -d $main -v width=1920,height=1080,pixelformat=XR24
    """


def shell(script, *options, **more):
    """Several commands in one world."""
    return fovea(*options, '--', 'sh', '-e', '-c', script, **more)


def media_ctl_prints_the_graph(directory):
    need_command('media-ctl')
    result = fovea('--', 'media-ctl', '-p')
    assert result.status == 0, result
    assert re.search(r'driver +fovea-isp\n', result.output), result

    # Every entity has a node, under the name that /sys gives it.
    entities = re.findall(r'- entity \d+: (.*) \(\d+ pads?, \d+ links?', result.output)
    assert entities == ENTITIES, entities
    nodes = re.findall(r'device node name (/dev/[a-z0-9-]+)', result.output)
    assert len(nodes) == len(set(nodes)) == len(ENTITIES), nodes
    assert result.output.count('[ENABLED') == 30, result


def media_ctl_changes_links_and_formats(directory):
    need_command('media-ctl')
    result = shell("""
        media-ctl -l '"fovea-frontend0":3 -> "fovea-backend":0 [0]'
        media-ctl -V '"imx219 0-0010":0 [fmt:SRGGB10_1X10/1640x1232]'
        media-ctl -p
        """)
    assert result.status == 0, result
    assert '-> "fovea-backend":0 []' in result.output, result
    assert 'SRGGB10_1X10/1640x1232' in result.output, result

    result = shell("""media-ctl -l '"imx219 0-0010":0 -> "fovea-csi2rx0":0 [0]'""")
    assert result.status != 0, result


def media_ctl_resets_links(directory):
    need_command('media-ctl')
    result = shell("""
        media-ctl -p | grep -c "ENABLED]"
        media-ctl -r
        media-ctl -p
        """)
    assert result.status == 0, result
    before, after = result.output.split('\n', 1)
    assert int(before) > 0, result

    # Immutable links stay; all others are off, from whichever end one looks.
    links = re.findall(r'(?:->|<-) "(.*)":\d+ \[(.*)\]', after)
    assert {flags for _, flags in links} == {'ENABLED,IMMUTABLE', ''}, result
    assert 2 * sum(not flags for _, flags in links) >= int(before), result

    # libcamera sets up what it needs.
    result = shell('media-ctl -r; cam -c 1 --capture=2', '--virtual-time')
    assert result.status == 0, result


def v4l2_ctl_lists_controls_and_formats(directory):
    need_command('v4l2-ctl')
    result = shell("""
        v4l2-ctl -d $(media-ctl -e 'imx219 0-0010') -L
        v4l2-ctl -d $(media-ctl -e 'fovea-main0') --list-formats-ext
        v4l2-ctl -d $(media-ctl -e 'imx219 0-0010') --list-subdev-mbus-codes 0
        v4l2-ctl -d $(media-ctl -e 'imx219 0-0010') --list-subdev-framesizes pad=0,code=0x300f
        """)
    assert result.status == 0, result
    for line in [r'link_frequency 0x009f0901 \(intmenu\)', r'\t0: 456000000 ', r'\t1: Back',
                 r"\[\d+\]: 'NV12' ", r"\[\d+\]: 'XR24' ", r'\tSize: Stepwise 16x16 - ',
                 r'0x300f: MEDIA_BUS_FMT_SRGGB10_1X10', r'Size Range: 1920x1080 - 1920x1080']:
        assert re.search(line, result.output), (line, result)


def v4l2_ctl_watches_controls(directory):
    need_command('v4l2-ctl')
    # Another process sets the control. Waiting ends with the first event; polling
    # goes on, and is ended by a signal.
    result = shell("""
        sensor=$(media-ctl -e 'imx219 0-0010')
        watch() {
            timeout 20 stdbuf -oL v4l2-ctl -d $sensor $1 ctrl=exposure > $2 & pid=$!
            for value in $(seq 200 299); do
                v4l2-ctl -d $sensor -c exposure=$value
                [ $(grep -c value: $2) -lt $3 ] || break
            done
            kill $pid 2> /dev/null || true
            wait $pid || true
            cat $2
        }
        watch --wait-for-event %(directory)s/wait 1
        watch --poll-for-event %(directory)s/poll 3
        watch --epoll-for-event %(directory)s/epoll 3
        """ % {'directory': directory})
    assert result.status == 0, result
    events = re.findall(r'event \d+, pending \d+: ctrl: exposure\n\tvalue: (\d+) ', result.output)
    assert len(events) >= 7 and all(200 <= int(value) < 300 for value in events), result


def v4l2_ctl_watches_frames(directory):
    need_command('v4l2-ctl')
    result = shell(SET_FORMATS + """
        receiver=$(media-ctl -e 'fovea-csi2rx0')
        v4l2-ctl -d $raw --stream-mmap > /dev/null 2>&1 & stream=$!
        timeout 20 v4l2-ctl -d $receiver --wait-for-event frame_sync
        timeout 20 v4l2-ctl -d $receiver --wait-for-event frame_sync
        kill $stream
        wait $stream || true
        """)
    assert result.status == 0, result
    frames = [int(number) for number in re.findall(r'frame_sync (\d+)', result.output)]
    assert len(frames) == 2 and frames[0] < frames[1], result


def v4l2_ctl_reads_and_sets_controls(directory):
    need_command('v4l2-ctl')
    # Each command is a process: the device keeps its state between them.
    result = shell("""
        v4l2-ctl -d /dev/v4l-subdev0 --list-ctrls
        v4l2-ctl -d /dev/v4l-subdev0 --set-ctrl exposure=123,analogue_gain=45
        v4l2-ctl -d /dev/v4l-subdev0 --get-ctrl exposure,analogue_gain
        """)
    assert result.status == 0, result
    for name in ['exposure', 'analogue_gain', 'vertical_blanking', 'horizontal_blanking',
                 'pixel_rate', 'link_frequency', 'horizontal_flip', 'vertical_flip']:
        assert re.search(rf'^ *{name} 0x', result.output, re.M), (name, result)
    assert 'exposure: 123\nanalogue_gain: 45\n' in result.output, result

    result = fovea('--', 'v4l2-ctl', '-d', '/dev/v4l-subdev0', '--set-ctrl', 'pixel_rate=1')
    assert 'ead-only' in result.errors + result.output or result.status, result


def v4l2_ctl_lists_devices(directory):
    need_command('v4l2-ctl')
    result = fovea('--', 'v4l2-ctl', '--list-devices')
    assert result.status == 0, result
    assert result.output.startswith('Fovea ISP (platform:fovea-isp)'), result
    nodes = re.findall(r'/dev/\w+', result.output)
    assert nodes == [f'/dev/video{number}' for number in range(9)] + ['/dev/media0'], nodes


def v4l2_ctl_streams(directory):
    need_command('v4l2-ctl')
    need_command('media-ctl')
    count = 5
    path = os.path.join(directory, 'frames.bin')

    nodes = (('$raw', 2), ('$main', 4))
    for node, size in nodes:
        result = shell(f"""
            {SET_FORMATS}
            v4l2-ctl -d {node} --stream-mmap --stream-count={count} --stream-to={path}
            """)
        assert result.status == 0, result
        assert os.path.getsize(path) == count * 1920 * 1080 * size, (node, os.path.getsize(path), result)
        with open(path, 'rb') as file:
            # The fourth byte of XR24 is no colour.
            assert any(file.read(1920 * 1080 * size)[::size]), f'{node}: the picture is black'

    # Where they do not, it refuses.
    result = shell(f"""
        {SET_FORMATS}
        media-ctl -V '"imx219 0-0010":0 [fmt:SRGGB10_1X10/640x480]'
        v4l2-ctl -d $raw --stream-mmap --stream-count=1
        """)
    assert 'VIDIOC_STREAMON returned -1 (Broken pipe)' in result.errors + result.output, result


def nodes_take_the_place_of_real_ones(directory):
    result = fovea('--', 'sh', '-c', 'ls /dev; stat -c "%F %t:%T" /dev/video0 /dev/media0')
    assert result.status == 0, result
    names = result.output.split()
    videos = sorted(name for name in names if re.fullmatch(r'(video|media)\d+', name))
    assert videos == ['media0'] + [f'video{number}' for number in range(9)], videos
    assert result.output.count('character special file') == 2, result


def a_capture_makes_standard_calls_only(directory):
    trace = os.path.join(directory, 'trace')
    result = fovea('--virtual-time', '--trace', trace, '--', 'cam', '-c', '1', '--capture=10',
                   '-s', 'role=viewfinder', '-s', 'role=raw')
    assert result.status == 0, result

    calls, opened = collections.Counter(), set()
    with open(trace) as file:
        for line in file:
            pid, kind, target, what = line.split()[:4]
            if kind == 'open':
                opened.add(target)
            elif re.match(r'/dev/(video|media|v4l-subdev)|/memfd:|.*dmabuf|/dev/dma_heap', target):
                calls[what] += 1
                assert STANDARD.match(what), line

    # The trace has seen the capture, and the nodes were the only way to it.
    assert calls['VIDIOC_QBUF'] >= 40 and calls['VIDIOC_STREAMON'] >= 4, calls
    assert {'/dev/media0', '/dev/v4l-subdev0', '/dev/video0'} <= opened, opened
    allowed = re.compile(r'/dev/((video|media|v4l-subdev)\d+|null|u?random|shm/.*|dma_heap/.*|udmabuf)$')
    assert all(allowed.match(path) for path in opened), opened


# The example of the kernel's documentation of vimc.
SET_VIMC_FORMATS = """
    set_format() { media-ctl -d platform:vimc -V "$1[$2]"; }
    set_format '"Sensor A":0' fmt:SBGGR8_1X8/640x480
    set_format '"Debayer A":0' fmt:SBGGR8_1X8/640x480
    set_format '"Scaler":0' fmt:RGB888_1X24/640x480
    set_format '"Scaler":0' 'crop:(100,50)/400x150'
    set_format '"Scaler":1' fmt:RGB888_1X24/300x700
    v4l2-ctl -z platform:vimc -d 'RGB/YUV Capture' -v width=300,height=700
    v4l2-ctl -z platform:vimc -d 'Raw Capture 0' -v pixelformat=BA81
    """


def vimc_is_set_up_as_the_kernel_says(directory):
    need_command('media-ctl')
    need_command('v4l2-ctl')
    rgb, raw = (os.path.join(directory, name) for name in ('rgb', 'raw'))
    result = shell(f"""
        {SET_VIMC_FORMATS}
        v4l2-ctl -z platform:vimc -d 'RGB/YUV Capture' --stream-mmap --stream-count=3 --stream-to={rgb}
        v4l2-ctl -z platform:vimc -d 'Raw Capture 0' --stream-mmap --stream-count=3 --stream-to={raw}
        media-ctl -p
        """, '--rig', 'vimc')
    assert result.status == 0, result
    assert 'crop:(100,50)/400x150' in result.output, result
    for path, size in ((rgb, 300 * 700 * 3), (raw, 640 * 480)):
        assert os.path.getsize(path) == 3 * size, (path, os.path.getsize(path), result)
        with open(path, 'rb') as file:
            assert len(set(file.read(size))) > 2, f'{path}: the picture is empty'


def vimc_refuses_what_its_links_do_not_allow(directory):
    need_command('media-ctl')
    # Without a source the scaler has nothing to give.
    result = shell(f"""
        {SET_VIMC_FORMATS}
        media-ctl -d platform:vimc -r
        media-ctl -d platform:vimc -p
        v4l2-ctl -z platform:vimc -d 'RGB/YUV Capture' --stream-mmap --stream-count=1
        """, '--rig', 'vimc')
    assert 'VIDIOC_STREAMON returned -1' in result.errors + result.output, result
    assert '-> "Scaler":0 [ENABLED' not in result.output, result

    result = shell("""media-ctl -d platform:vimc -l '"Sensor A":0 -> "Raw Capture 0":0 [0]'""",
                   '--rig', 'vimc')
    assert result.status != 0, result


def vimc_controls_are_watched(directory):
    need_command('v4l2-ctl')
    result = shell("""
        sensor=$(media-ctl -d platform:vimc -e 'Sensor A')
        v4l2-ctl -d $sensor -L
        timeout 20 v4l2-ctl -d $sensor --wait-for-event ctrl=test_pattern & watch=$!
        for pattern in $(seq 1 20); do
            kill -0 $watch 2> /dev/null || break
            v4l2-ctl -d $sensor -c test_pattern=$pattern
            sleep 0.1
        done
        wait $watch
        """, '--rig', 'vimc')
    assert result.status == 0, result
    assert '\t0: 75% Colorbar\n' in result.output, result
    assert re.search(r'ctrl: test_pattern\n\tvalue: \d+ ', result.output), result


def devices_stay_whatever_the_environment(directory):
    need_command('v4l2-ctl')
    tool = shutil.which('v4l2-ctl')
    for command in (['env', '-i', tool, '-D'], ['env', 'LD_PRELOAD=libm.so.6', tool, '-D']):
        result = fovea('--', *command)
        assert 'Driver name      : fovea-isp' in result.output, (command, result)


def a_world_within_a_world_is_its_own(directory):
    # The library is in the command, and not in the inner world's hardware.
    result = fovea('--', RUN, '--', 'sh', '-c', r"""
        for pid in $(cat /proc/$PPID/task/$PPID/children); do
            echo $(readlink /proc/$pid/exe) $(grep -c libfovea-v4l2 /proc/$pid/maps)
        done
        """)
    assert result.status == 0, result
    maps = {os.path.basename(line.split()[0]): int(line.split()[1])
            for line in result.output.splitlines()}
    server = maps.pop('fovea-hw')
    assert server == 0 and len(maps) == 1 and all(maps.values()), result


def the_server_leaves_nothing(directory):
    result = execute([RUN, '--', 'sh', '-c', 'echo $FOVEA_SOCKET; echo $FOVEA_SYSFS; exit 7'])
    assert result.status == 7, result
    for path in result.output.split():
        assert not os.path.exists(path) and not os.path.exists(os.path.dirname(path)), path


if __name__ == '__main__':
    sys.exit(main([
        media_ctl_prints_the_graph,
        media_ctl_changes_links_and_formats,
        media_ctl_resets_links,
        v4l2_ctl_reads_and_sets_controls,
        v4l2_ctl_lists_controls_and_formats,
        v4l2_ctl_watches_controls,
        v4l2_ctl_watches_frames,
        v4l2_ctl_lists_devices,
        v4l2_ctl_streams,
        nodes_take_the_place_of_real_ones,
        vimc_is_set_up_as_the_kernel_says,
        vimc_refuses_what_its_links_do_not_allow,
        vimc_controls_are_watched,
        devices_stay_whatever_the_environment,
        a_world_within_a_world_is_its_own,
        a_capture_makes_standard_calls_only,
        the_server_leaves_nothing,
    ]))
