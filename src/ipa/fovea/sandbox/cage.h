/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The cage of the IPA worker
 */

#pragma once

#include "layer.h"
#include "policy.h"
#include "syscalls.h"

namespace fovea::sandbox {

class Cage
{
public:
	explicit Cage(const CagePolicy &policy);

	[[nodiscard]] int enter();
	[[nodiscard]] int seal();

private:
	const CagePolicy policy_;
};

} /* namespace fovea::sandbox */
