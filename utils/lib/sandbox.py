# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# What tests need to run IPA modules on a machine that lacks a layer of the sandbox.

import os
import subprocess

# Exit status of a launcher that would refuse to run a module.
REFUSED = 78


def environment(build, say=print):
    """
    Variables for commands that run an IPA module. Where the sandbox is not complete,
    it refuses modules; the tests then use the opt-out for development, and say so.
    """
    launcher = os.path.join(build, 'src/ipa/fovea/sandbox/fovea_ipa_cage')
    if 'FOVEA_SANDBOX' in os.environ or not os.path.exists(launcher):
        return {}

    check = subprocess.run([launcher, '--check'], capture_output=True, text=True)
    if check.returncode != REFUSED:
        return {}
    for line in check.stderr.splitlines():
        say(f'test: {line}')
    say('test: this machine lacks a layer of the sandbox: FOVEA_SANDBOX=relaxed for all tests')
    return {'FOVEA_SANDBOX': 'relaxed'}
