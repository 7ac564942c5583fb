# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# What the pictures show: neutral greys under three illuminants, an exposure that
# settles, recorded frames of real cameras, the same bits by every way.

import csv
import glob
import json
import os
import re
import shutil
import subprocess
import sys

import numpy

from world import execute, fovea, main, need_data, read_png, read_ppm, BUILD, SOURCE, TUNE

GOLDEN = os.path.join(SOURCE, 'tests', 'integration', 'golden-pictures.txt')

# Six recordings of five cameras; all have golden hashes.
RECORDINGS = ['infinite-isp-indoor1', 'infinite-isp-outdoor1', 'imx378-desk', 'ningyi-wide',
              'nikon-rose', 'n900-dog']

FRAMES = 20

# fovea-tune takes pictures of the sensor's first mode, the full one.
FULL_MODE = 0


def truth_of(scene, model='imx219', mode=FULL_MODE):
    tool = os.path.join(BUILD, 'src', 'isp_sim', 'sensor', 'fovea-sensor')
    environment = dict(os.environ, FOVEA_RIG_PATH=os.path.join(SOURCE, 'rigs'))
    text = subprocess.run([tool, 'truth', model, scene, str(mode)],
                          env=environment, check=True, capture_output=True, text=True).stdout
    return json.loads(text)


def take(directory, *arguments, name='out', frames=FRAMES):
    """A picture by fovea-tune, its metadata and its hash."""
    picture = f'{directory}/{name}.png'
    metadata = f'{directory}/{name}.csv'
    result = execute([TUNE, *arguments, '-o', picture, '--metadata', metadata,
                      '--frames', str(frames)])
    assert result.status == 0, result
    with open(metadata) as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == frames, rows
    digest = re.search(r'hash ([0-9a-f]{16})', result.output).group(1)
    return read_png(picture), rows, digest


def linear(picture):
    """Inverse of the sRGB curve (IEC 61966-2-1), 0 to 1."""
    value = picture / 255.0
    return numpy.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def angle_from_neutral(rgb):
    """Angular error in degrees of a linear colour against a grey."""
    cosine = rgb.sum() / (numpy.linalg.norm(rgb) * numpy.sqrt(3))
    return numpy.degrees(numpy.arccos(min(cosine, 1)))


def patch_mean(picture, truth, area):
    """Mean linear colour of a patch whose area is given in the raw frame."""
    scale = picture.shape[1] / truth['size'][0]
    left, top, width, height = [round(value * scale) for value in area]
    return linear(picture[top:top + height, left:left + width]).reshape(-1, 3).mean(axis=0)


def check_neutral(directory, scene):
    picture, _, _ = take(directory, 'capture', '--scene', scene, frames=30)
    check_greys(picture, truth_of(scene), scene)


def check_greys(picture, truth, scene):
    patches = [patch for patch in truth['patches'] if patch['neutral']]
    assert len(patches) >= 4, patches

    means = [patch_mean(picture, truth, patch['area']) for patch in patches]
    usable = [mean for mean in means if mean.max() < 0.98 and mean.mean() > 0.01]
    assert len(usable) >= 4, means
    angles = [angle_from_neutral(mean) for mean in usable]
    print(f'# {scene}: angular errors of the greys {[round(angle, 2) for angle in angles]}')
    assert max(angles) < 3, angles


def greys_are_neutral_at_2850_kelvin(directory):
    check_neutral(directory, 'chart-2850k')


def greys_are_neutral_at_4000_kelvin(directory):
    check_neutral(directory, 'chart-4000k')


def greys_are_neutral_at_6500_kelvin(directory):
    check_neutral(directory, 'chart-6500k')


def greys_of_the_second_camera_are_neutral(directory):
    # Mode 1 has 2028x1520 pixels; its pictures are not scaled.
    result = fovea('--virtual-time', '--', 'cam', '-c', '2',
                   '-s', 'role=viewfinder,width=2028,height=1520', '--capture=30',
                   f'--file={directory}/frame-#.ppm')
    assert result.status == 0, result
    picture = read_ppm(sorted(glob.glob(f'{directory}/frame-*.ppm'))[-1])
    assert 60 < picture.mean() < 190, picture.mean()
    check_greys(picture, truth_of('chart-6500k', 'imx477', 1), 'second camera')


def patches_have_their_colours(directory):
    """Hue and order of the chart: each patch is nearest to its own truth."""
    truth = truth_of('chart-6500k')
    picture, _, _ = take(directory, 'capture', '--scene', 'chart-6500k', frames=30)
    wanted = numpy.array([patch['linear_srgb'] for patch in truth['patches']])
    shown = numpy.array([patch_mean(picture, truth, patch['area'])
                         for patch in truth['patches']])

    # The exposure is the camera's choice: compare at equal brightness.
    shown *= (wanted.sum() / shown.sum())
    distance = numpy.linalg.norm(shown[:, None] - wanted[None], axis=2)
    wrong = [truth['patches'][i]['name'] for i in range(len(wanted))
             if distance[i].argmin() != i]
    assert not wrong, wrong


def settle(values):
    """Number of the first frame from which on all are within 10 % of the last."""
    last = values[-1]
    for index in range(len(values), 0, -1):
        if abs(values[index - 1] / last - 1) > 0.1:
            return index
    return 0


def write_scene(directory, lux):
    """The daylight chart under another light level."""
    with open(os.path.join(SOURCE, 'rigs', 'scenes', 'chart-6500k.yaml')) as file:
        text = file.read()
    text, count = re.subn(r'lux: [0-9.]+', f'lux: {lux}', text)
    assert count == 1, text
    path = f'{directory}/scene.yaml'
    with open(path, 'w') as file:
        file.write(text)
    return path


def exposure_settles_from_any_start(directory):
    """
    The first frame is exposed for the tuning's start values whatever the light:
    light from six stops below to six stops above spans the errors of interest.
    """
    for lux in (8, 500, 110000):
        _, rows, _ = take(directory, 'capture', '--scene', write_scene(directory, lux),
                          frames=40)
        exposure = [float(row['exposure']) * float(row['gain']) for row in rows]
        stops = numpy.log2(exposure[0] / exposure[-1])
        means = [float(row['mean']) for row in rows]
        frames = max(settle(exposure), settle(means))
        print(f'# {lux} lux: {stops:+.1f} stops at the start, settled after {frames} frames')
        assert frames <= 15, (lux, exposure)


def goldens():
    with open(GOLDEN) as file:
        return dict(line.split() for line in file if line.strip() and not line.startswith('#'))


def scenes_have_their_golden_hashes(directory):
    """One bit of any block, of the sensor or of 3A changes these."""
    golden = goldens()
    for scene in ('chart-2850k', 'chart-4000k', 'chart-6500k'):
        _, _, digest = take(directory, 'capture', '--scene', scene)
        assert digest == golden[scene], (scene, digest, golden[scene])


def recordings_have_their_golden_hashes(directory):
    need_data()
    golden = goldens()
    for name in RECORDINGS:
        recording = os.path.join(SOURCE, 'recordings', f'{name}.yaml')
        _, _, digest = take(directory, 'replay', recording, name=name)
        assert digest == golden[name], (name, digest, golden[name])


def cam_and_replay_give_the_same_bits(directory):
    need_data()
    for name in RECORDINGS[:3]:
        recording = os.path.join(SOURCE, 'recordings', f'{name}.yaml')
        replayed, _, _ = take(directory, 'replay', recording, name=name)
        height, width = replayed.shape[:2]
        result = fovea('--virtual-time', '--recording', recording, '--', 'cam', '-c', '1', '-s',
                       f'role=still,width={width},height={height},pixelformat=XRGB8888',
                       f'--capture={FRAMES}', f'--file={directory}/{name}-#.ppm')
        assert result.status == 0, result
        taken = read_ppm(f'{directory}/{name}-cam0-stream0-{FRAMES - 1:06}.ppm')
        assert numpy.array_equal(taken, replayed), name


def a_change_of_the_tuning_changes_the_picture(directory):
    _, _, before = take(directory, 'capture', name='before')
    tuning = f'{directory}/tuning.yaml'
    shutil.copy(os.path.join(SOURCE, 'tuning', 'imx219.yaml'), tuning)
    _, _, same = take(directory, 'capture', '--tuning', tuning, name='same')
    assert before == same, 'the same tuning in another file gives another picture'

    with open(tuning) as file:
        text = file.read()
    changed, count = re.subn(r'(relativeLuminanceTarget: \[ 0, )[0-9.]+', r'\g<1>0.35', text)
    assert count == 1, 'no relativeLuminanceTarget in tuning/imx219.yaml'
    with open(tuning, 'w') as file:
        file.write(changed)
    picture, _, after = take(directory, 'capture', '--tuning', tuning, name='after')
    assert after != before
    assert picture.mean() > read_png(f'{directory}/before.png').mean() + 10


def false_colour(picture):
    """Of a grey scene: mean difference of red and blue to green, codes of 8 bits."""
    red, green, blue = (picture[..., i].astype(int) for i in range(3))
    return (abs(red - green).mean() + abs(blue - green).mean()) / 2


def a_tuning_refines_the_demosaic(directory):
    """Before and after, as README.md tells; exposure and gains are the same in both."""
    scene = ['capture', '--scene', 'resolution']
    before, rows, _ = take(directory, *scene, name='before', frames=4)
    tuning = f'{directory}/refined.yaml'
    with open(os.path.join(SOURCE, 'tuning', 'imx219.yaml')) as file:
        changed, count = re.subn(r'(  - Demosaic:\n)', r'\1      refine: true\n', file.read())
    assert count == 1, 'no Demosaic in tuning/imx219.yaml'
    with open(tuning, 'w') as file:
        file.write(changed)
    after, refined_rows, _ = take(directory, *scene, '--tuning', tuning, '--compare', f'{directory}/before.png',
                                  name='after', frames=4)
    for row, refined_row in zip(rows, refined_rows):
        assert row['exposure'] == refined_row['exposure'] and row['gain'] == refined_row['gain'], refined_row
    assert false_colour(after) < 0.9 * false_colour(before), (false_colour(before), false_colour(after))


if __name__ == '__main__':
    sys.exit(main([
        greys_are_neutral_at_2850_kelvin,
        greys_are_neutral_at_4000_kelvin,
        greys_are_neutral_at_6500_kelvin,
        greys_of_the_second_camera_are_neutral,
        patches_have_their_colours,
        exposure_settles_from_any_start,
        scenes_have_their_golden_hashes,
        recordings_have_their_golden_hashes,
        cam_and_replay_give_the_same_bits,
        a_change_of_the_tuning_changes_the_picture,
        a_tuning_refines_the_demosaic,
    ]))
