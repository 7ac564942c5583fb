/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls that libcamera has no name for
 */

#include "vendor_controls.h"

#include <fovea/control_ids.h>

#include <libcamera/control_ids.h>

/**
 * \file vendor_controls.h
 * \brief Controls that libcamera has no name for, see fovea/control_ids.h
 */

namespace libcamera::fovea {

namespace {

const Control<bool> &ispBuffersEnable()
{
	static const Control<bool> control(IspBuffersEnable, "IspBuffersEnable", "fovea",
					   ControlId::Direction::In);

	return control;
}

/* All controls that a Fovea camera may have. It outlives all cameras. */
const ControlIdMap &controlIds()
{
	static const ControlIdMap ids = [] {
		ControlIdMap all = controls::controls;
		all.emplace(IspBuffersEnable, &ispBuffersEnable());
		return all;
	}();

	return ids;
}

} /* namespace */

/**
 * \brief Add the controls of the handler to those of the IPA module
 *
 * They are the handler's alone: the IPA module gets no controls that libcamera does
 * not know.
 */
ControlInfoMap withVendorControls(const ControlInfoMap &controls)
{
	ControlInfoMap::Map all;

	for (const auto &[id, info] : controls)
		all.emplace(id, info);
	all.emplace(&ispBuffersEnable(), ControlInfo(false, true, false));

	return ControlInfoMap(std::move(all), controlIds());
}

} /* namespace libcamera::fovea */
