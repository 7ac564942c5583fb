# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# Recordings: import of what there is, record and replay, cam's raw frames; scenes.

import glob
import os
import re
import struct
import sys

import numpy

from world import DATA, SOURCE, TUNE, execute, fovea, main, need_data, read_png

SIZE = '640x480'

# Of a frame of 10 bits in a recording's file, packed.
FRAME_BYTES = 640 * 480 * 10 // 8

# Exposure by hand for a while, so that frames differ and the session has controls.
CONTROLS = """
# frame, control, value
2 AeEnable = false
2 ExposureTime = 4000
2 AnalogueGain = 2.5
6 AeEnable = true
"""

# Of raw files that do not describe themselves: the sidecar that does.
SIDECARS = {
    'raw/arducam/test00000.raw': 'arducam-ceiling',
    'raw/halide-n900/bayer_2624_304.pgm': 'n900-dog',
    'raw/imx378/imx378_RGGB_raw10_1920x1080.raw': 'imx378-desk',
    'raw/infinite-isp/Indoor1_2592x1536_8bit_GRBG.raw': 'infinite-isp-indoor1',
    'raw/infinite-isp/Outdoor1_2592x1536_8bit_GRBG.raw': 'infinite-isp-outdoor1',
    'raw/infinite-isp/Outdoor2_2592x1536_8bit_GRBG.raw': 'infinite-isp-outdoor2',
    'raw/nikon-crop/DSC_1339_768x512_rggb.raw': 'nikon-rose',
    'raw/ningyi-isp/a.raw': 'ningyi-wide',
    'raw/openisp-fork/test.RAW': 'openisp-charts',
    'raw/xmos-imx219/img_raw8_640_480_office.rpibin': 'imx219-office',
}

# Of others: how the command line describes them.
DESCRIPTIONS = {
    'raw/allwinner-2mp/camera_1600x1200_20080101000000_x_4.00.raw':
        ['--format', 'SRGGB8', '--size', '1600x1200', '--black-level', '62'],
    'raw/infinite-isp/BlackImage_1920x1080_12bits_BGGR.raw':
        ['--format', 'SBGGR12', '--size', '1920x1080'],
    'raw/nikon-crop/DSC_1339_768x512_rggb_bpc_test.raw':
        ['--format', 'SRGGB16', '--size', '768x512', '--black-level', '600', '--white-level', '15520'],
    'raw/openisp-fork/LSC.raw':
        ['--format', 'SRGGB10', '--size', '1920x1080', '--shift', '6', '--black-level', '64'],
    'raw/openisp-fork/BLC.raw':
        ['--format', 'SRGGB12', '--size', '1920x1080', '--shift', '4'],
    'raw/imx296/set2_angle_100_raw.npy':
        ['--format', 'SBGGR10', '--size', '1456x1088', '--header', '128', '--black-level', '60'],
    'raw/imx296/set2_angle_20_raw.npy':
        ['--format', 'SBGGR10', '--size', '1456x1088', '--header', '128', '--black-level', '60'],
}

# What is no raw frame, and the reason that is given.
REFUSALS = [
    (r'\.png$', 'a PNG picture'),
    (r'\.npy$', 'a NumPy array'),
    (r'\.pgm$', 'a PGM picture without a sidecar'),
    (r'\.tiff?$', 'LibRaw'),
    (r'-configs\.yml$', "field 'platform': unknown field"),
    (r'\.(txt|mat|raw|RAW|rpibin)$', 'raw samples need --format and --size'),
]


def tune(*arguments, **options):
    return execute([TUNE, *arguments], **options)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def record(directory, *options, frames=8):
    """A recorded session with changing controls."""
    script = os.path.join(directory, 'controls')
    with open(script, 'w') as file:
        file.write(CONTROLS)
    path = os.path.join(directory, 'session.fvr')
    result = tune('record', '-o', path, '--frames', str(frames), '--size', SIZE,
                  '--controls', script, *options)
    assert result.status == 0, result
    assert f'{frames} frames of {SIZE}, 10 bits, model imx219, 0 lost' in result.output, result
    return path


def a_recorded_session_repeats_to_the_bit(directory):
    path = record(directory, '--pictures', '320x240', '--scene', 'chart-2850k')
    result = tune('verify', path)
    assert result.status == 0, result
    assert 'the replay is the same to the bit' in result.output, result

    # What differs is found: another tuning file, other controls.
    result = tune('verify', path, '--tuning', os.path.join(SOURCE, 'tuning', 'uncalibrated.yaml'))
    assert result.status == 1 and 'session.fvr: frame 0: parameters: ' in result.errors, result
    refined = os.path.join(directory, 'refined.yaml')
    with open(os.path.join(SOURCE, 'tuning', 'imx219.yaml')) as file:
        text = file.read().replace('  - Demosaic:\n', '  - Demosaic:\n      refine: true\n')
    with open(refined, 'w') as file:
        file.write(text)
    result = tune('verify', path, '--tuning', refined)
    assert result.status == 1 and 'frame 0: parameters: demosaic.refine: recorded 0, replayed 1' in result.errors, result
    changed = read(path).replace(b'ExposureTime = 4000\n', b'ExposureTime = 4100\n')
    with open(path, 'wb') as file:
        file.write(changed)
    result = tune('verify', path)
    assert result.status == 1 and 'do not have their checksum' in result.errors, result


def statistics_and_parameters_are_kept(directory):
    path = record(directory)
    result = tune('info', path)
    assert result.status == 0 and 'model: imx219' in result.output, result
    assert re.search(r'^frame 7: sequence 7, \d+ ns, exposure ', result.output, re.M), result

    result = tune('info', path, '--frame', '5')
    assert result.status == 0, result
    for line in (r'metadata:', r'ExposureTime = \d+', r'statistics: \d+ bytes', r'parameters: \d+ bytes'):
        assert re.search(f'^{line}$', result.output, re.M), (line, result)

    result = tune('info', path, '--frame', '5', '--stats')
    assert result.status == 0, result
    assert re.search(r'^\tsequence = 5$', result.output, re.M), result.output[:400]
    histogram = re.findall(r'^\tae_histogram\[\d+\] = (.*)$', result.output, re.M)
    assert sum(int(count) for line in histogram for count in line.split()) > 0, histogram
    assert re.search(r'^\tawb_zones\[1023\] = r \d+ g \d+ b \d+ count \d+ ', result.output, re.M)

    # The black level of the sensor, 64 at 10 bits, is 4096 at 16.
    result = tune('info', path, '--frame', '0', '--params')
    assert result.status == 0, result
    assert re.search(r'^black_level: enabled\n\tr = 4096\n', result.output, re.M), result.output[:400]

    for arguments, reason in ((['--frame', '8'], '--frame: got 8, expected 0 to 7'),
                              (['--stats'], '--stats requires --frame')):
        result = tune('info', path, *arguments)
        assert result.status != 0 and reason in result.errors, (arguments, result)


def checksum(data):
    """Of a recording's attachments: eight lanes of FNV-1a, see docs/recordings.md."""
    basis, prime, mask = 0xcbf29ce484222325, 0x100000001b3, (1 << 64) - 1
    padded = data + bytes(-len(data) % 64)
    lanes = [basis] * 8
    for i, (word,) in enumerate(struct.iter_unpack('<Q', padded)):
        lanes[i % 8] = (lanes[i % 8] ^ word) * prime & mask
    total = basis
    for lane in lanes + [len(data)]:
        total = (total ^ lane) * prime & mask
    return total


def without(kinds, data):
    """The file of a recording, without some kinds of attachments."""
    def aligned(size):
        return (size + 4095) // 4096 * 4096

    (description,) = struct.unpack_from('<I', data, 12)
    at = aligned(64 + description)
    result = data[:at]
    while data[at:at + 8] == b'FOVEAFRM':
        (samples,) = struct.unpack_from('<Q', data, at + 88)
        (size,) = struct.unpack_from('<Q', data, at + 104)
        first = at + 4096 + aligned(samples)
        kept, entry = b'', first
        while entry < first + size:
            kind, length = struct.unpack_from('<II', data, entry)
            end = entry + 8 + (length + 7) // 8 * 8
            kept += b'' if kind in kinds else data[entry:end]
            entry = end
        result += data[at:at + 104] + struct.pack('<QQ', len(kept), checksum(kept)) + data[at + 120:first]
        result += kept + bytes(aligned(len(kept)) - len(kept))
        at = first + aligned(size)
    return result + data[at:]


def sessions_without_statistics_are_verified(directory):
    """As they were recorded before there were any, and as other cameras give them."""
    path = record(directory)
    whole = read(path)
    assert without([], whole) == whole
    with open(path, 'wb') as file:
        file.write(without([3, 4], whole))
    result = tune('info', path, '--frame', '2', '--params')
    assert result.status == 1 and 'session.fvr: frame 2 has no parameters' in result.errors, result
    result = tune('verify', path)
    assert result.status == 0, result


def a_camera_is_recorded_by_its_id(directory):
    path = os.path.join(directory, 'second.fvr')
    identifier = '/base/soc/i2c1/imx477@10'
    result = fovea('--virtual-time', '--', TUNE, 'record', '-o', path, '--frames', '2',
                   '--size', '2028x1080', '--camera', identifier)
    assert result.status == 0, result
    assert '2 frames of 2028x1080, 12 bits, model imx477, 0 lost\n' in result.output, result
    result = tune('info', path)
    assert f'source: "{identifier}"' in result.output and 'packing: csi2p' in result.output, result


def two_sessions_give_the_same_bytes(directory):
    """With pictures and without: the hardware waits for the IPA in both."""
    os.mkdir(os.path.join(directory, 'again'))
    for options in ([], ['--pictures', 'none']):
        first = record(directory, *options)
        second = record(os.path.join(directory, 'again'), *options)
        assert read(first) == read(second), options
    result = tune('verify', first)
    assert result.status == 0, result


def a_replay_can_be_recorded(directory):
    """The recording of a replay has the frames of what was replayed."""
    path = record(directory)
    again = os.path.join(directory, 'again.fvr')
    result = tune('record', '-o', again, '--frames', '8', '--recording', path, '--controls',
                  os.path.join(directory, 'controls'))
    assert result.status == 0, result
    # The description differs by its name alone.
    first, second = read(path), read(again)
    assert first[4096:] == second[4096:], (len(first), len(second))


def capture_raw(directory, recording, count=8):
    """Raw frames by cam, the bytes of each, and what it printed of them: a text for each."""
    files = os.path.join(directory, 'frame-#.bin')
    result = fovea('--recording', recording, '--virtual-time', '--', 'cam', '-c', '1',
                   f'--capture={count}', '--metadata', '-s', 'role=raw', f'--file={files}')
    assert result.status == 0, result
    names = sorted(glob.glob(os.path.join(directory, 'frame-*.bin')))
    assert len(names) == count, names
    frames = re.split(r'^(?=\d+\.\d+ \(.* seq: )', result.output, flags=re.M)[1:]
    return names, result.output, [re.findall(r'seq: \d+|^\t.*$', frame, re.M) for frame in frames]


def frames_of_cam_are_those_of_the_recording(directory):
    path = record(directory)
    files, log, told = capture_raw(directory, path)
    first = [read(file) for file in files]
    with open(os.path.join(directory, 'cam.log'), 'w') as file:
        file.write(log)

    bytes_of_line = len(first[0]) // 480
    output = os.path.join(directory, 'cam.fvr')
    arguments = ['-o', output, '--size', SIZE, '--stride', str(bytes_of_line), '--model', 'imx219',
                 '--format', 'SRGGB10_CSI2P' if bytes_of_line < 1280 else 'SRGGB10',
                 '--cam-log', os.path.join(directory, 'cam.log')]
    result = tune('import', *files, *arguments)
    assert result.status == 0 and 'black 64, white 1023' in result.output, result

    # The samples of each frame follow its head, at multiples of 4096 bytes.
    assert samples(read(path), FRAME_BYTES) == samples(read(output), FRAME_BYTES)

    # Each frame has its own exposure, gain and time: the session's AE moves them.
    lines = re.findall(r'^frame \d+: .*$', tune('info', output).output, re.M)
    assert len(lines) == len(told) == 8, (lines, told)
    for i, (line, frame) in enumerate(zip(lines, told)):
        values = dict(entry.strip().split(' = ', 1) for entry in frame if ' = ' in entry)
        assert line.startswith(f"frame {i}: sequence {i}, {values['SensorTimestamp']} ns, "
                               f"exposure {values['ExposureTime']} us, "
                               f"gain {float(values['AnalogueGain']):.4g}, "), (line, values)
    assert len({re.search('exposure [^,]*, gain [^,]*', line).group() for line in lines}) > 1, lines

    # And the import is seen as what it was made of: the same frames, decided on alike.
    files, _, again = capture_raw(directory, output)
    assert [read(file) for file in files] == first
    assert again == told

    result = tune('import', *files[:7], *arguments)
    assert result.status == 1 and 'cam.log has 8 frames, but the files have 7' in result.errors, result


def dngs_of_cam_are_those_of_the_recording(directory):
    path = record(directory)
    frames = os.path.join(directory, 'frame-#.dng')
    result = fovea('--recording', path, '--virtual-time', '--', 'cam', '-c', '1', '--capture=3',
                   '-s', 'role=raw', f'--file={frames}')
    assert result.status == 0, result
    files = sorted(glob.glob(os.path.join(directory, 'frame-*.dng')))
    assert len(files) == 3, files

    output = os.path.join(directory, 'cam.fvr')
    result = tune('import', *files, '-o', output)
    assert result.status == 0, result
    assert '3 frames of 640x480, 10 bits, RGGB, black 64, white 1023' in result.output, result
    assert samples(read(output), FRAME_BYTES) == samples(read(path), FRAME_BYTES)[:3]


def samples(data, size):
    """The samples of all frames of a recording's file."""
    result = []
    at = data.find(b'FOVEAFRM', 4096)
    while at >= 0:
        result.append(data[at + 4096:at + 4096 + size])
        at = data.find(b'FOVEAFRM', at + 4096 + size)
    return result


def every_raw_file_imports_or_is_refused(directory):
    need_data()
    output = os.path.join(directory, 'out.fvr')
    imported = refused = 0

    for path in sorted(glob.glob(os.path.join(DATA, 'raw', '**'), recursive=True)):
        if not os.path.isfile(path):
            continue
        name = os.path.relpath(path, DATA)
        result = tune('import', path, '-o', output)
        if name.endswith('.dng'):
            assert result.status == 0, (name, result)
            first = read(output)
            result = tune('import', path, '-o', output)
            assert result.status == 0 and read(output) == first, name
            imported += 1
            continue

        reasons = [reason for pattern, reason in REFUSALS if re.search(pattern, name)]
        assert reasons, f'nothing is known of {name}'
        assert result.status == 1 and reasons[0] in result.errors, (name, result)
        assert name in result.errors and not os.path.exists(output + '.part'), (name, result)
        refused += 1

        arguments = DESCRIPTIONS.get(name)
        if name in SIDECARS:
            sidecar = os.path.join(SOURCE, 'recordings', SIDECARS[name] + '.yaml')
            result = tune('import', sidecar, '-o', output, env=dict(os.environ, FOVEA_DATA_PATH=DATA))
        elif arguments:
            result = tune('import', path, '-o', output, *arguments)
        else:
            continue
        assert result.status == 0, (name, result)
        imported += 1

    assert imported >= len(SIDECARS) + len(DESCRIPTIONS) and refused > 0, (imported, refused)


def bad_recordings_end_in_an_error(directory):
    path = record(directory, frames=2)
    whole = read(path)
    for data, reason in ((whole[:-5000], 'truncated'),
                         (whole.replace(b'black_level: 64', b'black_level: -4'), "field 'black_level'"),
                         (whole[:4096] + b'X' + whole[4097:], 'expected the head of a frame')):
        with open(path, 'wb') as file:
            file.write(data)
        for result in (fovea('--recording', path, '--', 'cam', '-l'), tune('verify', path),
                       tune('import', path, '-o', path + '.out')):
            assert result.status != 0 and reason in result.errors, (reason, result)
            assert 'session.fvr' in result.errors, result

    for arguments, reason in ((['--size', '639x480'], 'the camera has no'),
                              (['--size', 'big'], "--size: got 'big'"),
                              (['--camera', 'none'], "no camera has the id 'none'")):
        result = fovea('--virtual-time', '--', TUNE, 'record', '-o', path + '.new', *arguments)
        assert result.status == 1 and reason in result.errors, (arguments, result)
        assert not os.path.exists(path + '.new'), arguments


def scenes_are_listed_with_thumbnails(directory):
    result = tune('scene', '--list', '-o', directory)
    assert result.status == 0, result
    names = [line.split()[0] for line in result.output.splitlines()]
    scenes = glob.glob(os.path.join(SOURCE, 'rigs', 'scenes', '*.yaml'))
    assert names == sorted(os.path.splitext(os.path.basename(scene))[0] for scene in scenes), names

    pictures = {name: read_png(os.path.join(directory, name + '.png')).astype(float) for name in names}
    # Balanced: a grey field is grey. A chart has colours, and without light there is nothing.
    flat = pictures['flat'].mean(axis=(0, 1))
    assert 60 < flat.min() and flat.max() - flat.min() < 3, flat
    chart = pictures['chart-6500k']
    assert (chart.max(axis=2) - chart.min(axis=2)).max() > 60
    # But for hot pixels, which the sensor has.
    assert numpy.percentile(pictures['dark'], 99) < 30, pictures['dark'].max()

    result = tune('scene', '--list', '--model', 'none')
    assert result.status == 1 and 'none: no sensor model of that name' in result.errors, result


if __name__ == '__main__':
    sys.exit(main([
        a_recorded_session_repeats_to_the_bit,
        statistics_and_parameters_are_kept,
        sessions_without_statistics_are_verified,
        a_camera_is_recorded_by_its_id,
        two_sessions_give_the_same_bytes,
        a_replay_can_be_recorded,
        frames_of_cam_are_those_of_the_recording,
        dngs_of_cam_are_those_of_the_recording,
        every_raw_file_imports_or_is_refused,
        bad_recordings_end_in_an_error,
        scenes_are_listed_with_thumbnails,
    ]))
