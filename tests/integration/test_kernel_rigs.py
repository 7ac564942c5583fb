# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# The rigs that are the kernel's test drivers: vimc, vivid, vim2m.

import os
import re
import sys

import numpy

from world import fovea, main, need_command, read_ppm, SOURCE

ALL_DRIVERS = 'vimc-vivid-vim2m'

# "75% Colorbar": white, yellow, cyan, green, magenta, red, blue, black.
BARS = [(191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0),
        (191, 0, 191), (191, 0, 0), (0, 0, 191), (0, 0, 0)]

# Entities of Linux 6.12 with their ids, which follow from the order of everything.
VIMC = {1: 'Sensor A', 3: 'Sensor B', 5: 'Debayer A', 8: 'Debayer B', 11: 'Raw Capture 0',
        15: 'Raw Capture 1', 19: 'RGB/YUV Input', 21: 'Scaler', 24: 'RGB/YUV Capture',
        28: 'Lens A', 29: 'Lens B'}

SET_UP_SENSOR_A = """
    media-ctl -V '"Sensor A":0 [fmt:SBGGR8_1X8/640x480]'
    media-ctl -V '"Debayer A":0 [fmt:SBGGR8_1X8/640x480]'
    """


def shell(script, *options):
    return fovea(*options, '--', 'sh', '-e', '-c', script)


def vimc_prints_its_graph(directory):
    need_command('media-ctl')
    result = fovea('--rig', 'vimc', '--', 'media-ctl', '-p')
    assert result.status == 0, result
    for line in ['driver +vimc', 'model +VIMC MDEV', 'bus info +platform:vimc']:
        assert re.search(f'^{line}$', result.output, re.M), (line, result)
    entities = re.findall(r'^- entity (\d+): (.*) \(\d+ pads?, \d+ links?\)$', result.output, re.M)
    assert {int(number): name for number, name in entities} == VIMC, entities
    assert result.output.count('[ENABLED,IMMUTABLE]') == 10, result
    assert result.output.count('-> "Scaler":0 [ENABLED]') == 1, result
    assert result.output.count('-> "Scaler":0 []') == 2, result


def vimc_streams_raw(directory):
    need_command('v4l2-ctl')
    raw = os.path.join(directory, 'raw')
    result = shell(SET_UP_SENSOR_A + f"""
        v4l2-ctl -d /dev/v4l-subdev0 --set-ctrl test_pattern=1,show_information=2
        v4l2-ctl -d /dev/video0 --set-fmt-video=pixelformat=BA81
        v4l2-ctl -d /dev/video0 --stream-mmap --stream-count=5 --stream-to={raw}
        """, '--rig', 'vimc')
    assert result.status == 0, result
    frames = numpy.fromfile(raw, numpy.uint8).reshape(-1, 480, 640)
    assert len(frames) == 5, frames.shape
    # BGGR: the second bar is yellow, without any blue.
    for frame in frames:
        assert (frame[:, :80] == 255).all()
        assert (frame[0::2, 80:160:2] == 0).all() and (frame[1::2, 81:160:2] == 255).all()


def vimc_needs_formats_that_fit(directory):
    need_command('v4l2-ctl')
    result = fovea('--rig', 'vimc', '--', 'v4l2-ctl', '-d', '/dev/video0', '--stream-mmap',
                   '--stream-count=1')
    assert 'VIDIOC_STREAMON returned -1 (Broken pipe)' in result.errors + result.output, result


def cam_captures_on_vimc(directory):
    # libcamera's own handler, unmodified: sensor B, its debayer, the scaler.
    result = fovea('--rig', 'vimc', '--virtual-time', '--', 'cam', '-c', '1', '--capture=5',
                   '--stream', 'pixelformat=BGR888,width=640,height=360',
                   f'--file={directory}/frame-#.ppm')
    assert result.status == 0, result
    assert re.search(r'seq: 000004 bytesused: 691200', result.output), result

    files = sorted(os.listdir(directory))
    assert len(files) == 5, files
    for name in files:
        picture = read_ppm(os.path.join(directory, name))
        assert picture.shape == (360, 640, 3), picture.shape
        for i, bar in enumerate(BARS):
            # The text is above; the edges of the bars are mixed.
            part = picture[180:, i * 80 + 4:i * 80 + 76]
            assert (part == bar).all(), (name, i, part[0, 0])


def all_drivers_are_in_one_machine(directory):
    need_command('v4l2-ctl')
    result = fovea('--rig', ALL_DRIVERS, '--', 'v4l2-ctl', '--list-devices')
    assert result.status == 0, result
    found = dict(re.findall(r'^(\S.*):\n((?:\t.*\n)+)', result.output, re.M))
    assert {name: nodes.split() for name, nodes in found.items()} == {
        'vim2m (platform:vim2m)': ['/dev/video5', '/dev/media2'],
        'vimc (platform:vimc)': ['/dev/video0', '/dev/video1', '/dev/video2', '/dev/media0'],
        'vivid (platform:vivid-000)': ['/dev/video3', '/dev/video4', '/dev/media1'],
    }, result


def vivid_and_vim2m_stream(directory):
    need_command('v4l2-ctl')
    camera = os.path.join(directory, 'camera')
    flipped = os.path.join(directory, 'flipped')
    result = shell(f"""
        v4l2-ctl -d /dev/video3 --set-ctrl test_pattern=1,osd_text_mode=2
        v4l2-ctl -d /dev/video3 --set-fmt-video=width=640,height=480,pixelformat=RGB3
        v4l2-ctl -d /dev/video3 --stream-mmap --stream-count=2 --stream-to={camera}
        v4l2-ctl -d /dev/video5 --set-ctrl horizontal_flip=1 \
            --set-fmt-video-out=width=640,height=480,pixelformat=RGB3 \
            --set-fmt-video=width=640,height=480,pixelformat=RGB3 \
            --stream-mmap --stream-out-mmap --stream-count=2 \
            --stream-from={camera} --stream-to={flipped}
        """, '--rig', ALL_DRIVERS, '--virtual-time')
    assert result.status == 0, result
    pictures = numpy.fromfile(camera, numpy.uint8).reshape(-1, 480, 640, 3)
    assert len(pictures) == 2 and (pictures[0, :, 410] == (255, 0, 0)).all()
    results = numpy.fromfile(flipped, numpy.uint8).reshape(-1, 480, 640, 3)
    assert len(results) == 2 and (results == pictures[:, :, ::-1]).all()


def malformed_graphs_are_refused(directory):
    with open(os.path.join(SOURCE, 'rigs', 'vimc.yaml')) as file:
        text = file.read()
    path = os.path.join(directory, 'bad.yaml')
    place = text[:text.index('sink: "Scaler:0"')].count('\n') + 1
    with open(path, 'w') as file:
        file.write(text.replace('sink: "Scaler:0"', 'sink: "Scaler:7"', 1))

    result = fovea('--rig', path, '--', 'true')
    assert result.status != 0, result
    assert re.search(rf"bad\.yaml:{place}:\d+: field 'devices\[0\]\.links\[4\]\.sink': "
                     r'got pad 7, a scaler has 2 pads', result.errors), result


if __name__ == '__main__':
    sys.exit(main([
        vimc_prints_its_graph,
        vimc_streams_raw,
        vimc_needs_formats_that_fit,
        cam_captures_on_vimc,
        all_drivers_are_in_one_machine,
        vivid_and_vim2m_stream,
        malformed_graphs_are_refused,
    ]))
