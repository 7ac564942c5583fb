# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# A vendor's module: built outside of this tree against what 'meson install' has put
# in a folder, run by configuration in the same sandbox.

import os
import re
import shlex
import shutil
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'integration'))

from world import BUILD, SOURCE, fovea, main, need_command  # noqa: E402

FRAMES = 30


def run(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    assert result.returncode == 0, f'{command}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}'
    return result.stdout


def install(directory):
    """'meson install' below a folder; pkg-config's environment to find it there."""
    root = os.path.join(directory, 'root')
    run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet', '--tags',
         'devel', '--destdir', root])
    found = [path for path, _, files in os.walk(root) if 'fovea-ipa.pc' in files]
    assert len(found) == 1, found
    return root, {**os.environ, 'PKG_CONFIG_PATH': found[0], 'PKG_CONFIG_SYSROOT_DIR': root}


def copy_of_the_example(directory):
    """Outside of the tree, so that none of its other files can be used."""
    source = os.path.join(directory, 'vendor')
    shutil.copytree(os.path.join(SOURCE, 'tests', 'sandbox', 'byo'), source)
    return source


def capture(module, **options):
    result = fovea('--rig', 'single', '--virtual-time', '--', 'cam', '-c', '1',
                   f'--capture={FRAMES}', '--metadata',
                   env={**os.environ, 'LIBCAMERA_FOVEA_IPA_MODULE': module,
                        'LIBCAMERA_LOG_LEVELS': 'FoveaIpa:DEBUG,*:INFO'}, **options)
    assert result.status == 0, result
    assert len(re.findall(r'seq: \d+', result.output)) == FRAMES, result
    return result


def settles(result):
    """White balance of the example, which is not what Fovea's own module gives."""
    gains = re.findall(r'ColourGains = \[ ([\d.]+), ([\d.]+) \]', result.output)
    assert len(gains) == FRAMES, result
    gains = [[float(gain) for gain in pair] for pair in gains]
    assert abs(gains[-1][0] - gains[0][0]) > 0.02, gains
    assert abs(gains[-1][0] - gains[-2][0]) < 0.02, gains


def module_built_by_hand_runs(directory):
    need_command('g++')
    root, environment = install(directory)
    source = copy_of_the_example(directory)
    flags = shlex.split(run(['pkg-config', '--cflags', 'fovea-ipa'], env=environment))
    assert flags and not any(SOURCE in flag and root not in flag for flag in flags), flags
    run(['g++', '-std=c++20', '-Wall', '-Wextra', '-Werror', '-fPIC', '-shared', *flags,
         '-o', f'{directory}/ipa_simple.so', f'{source}/simple_ipa.cpp'])
    settles(capture(f'{directory}/ipa_simple.so'))


def module_built_by_meson_runs(directory):
    _, environment = install(directory)
    source = copy_of_the_example(directory)
    run(['meson', 'setup', f'{directory}/build', source], env=environment)
    run(['meson', 'compile', '-C', f'{directory}/build'], env=environment)
    settles(capture(f'{directory}/build/ipa_simple.so'))


def file_that_is_no_module_is_refused(directory):
    path = os.path.join(directory, 'ipa_text.so')
    with open(path, 'w') as file:
        file.write('no module\n')
    result = fovea('--virtual-time', '--', 'cam', '-c', '1', '--capture=1',
                   env={**os.environ, 'LIBCAMERA_FOVEA_IPA_MODULE': path})
    assert 0 < result.status < 126, result
    assert 'ipa_text.so' in result.errors, result


if __name__ == '__main__':
    sys.exit(main([
        module_built_by_hand_runs,
        module_built_by_meson_runs,
        file_that_is_no_module_is_refused,
    ]))
