/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls in messages
 */

#pragma once

#include <memory>
#include <vector>

#include <libcamera/controls.h>

#include "wire.h"

namespace libcamera::ipa::fovea::ipc {

void writeControls(Writer &writer, const ControlList &controls);
void writeFittingControls(Writer &writer, const ControlList &controls,
			  const ControlIdMap &ids);
void writeControlInfo(Writer &writer, const ControlInfoMap &controls);

ControlList readControls(Reader &reader, const ControlIdMap &ids);
ControlList readSensorControls(Reader &reader, const ControlInfoMap &controls);
ControlInfoMap readControlInfo(Reader &reader, const ControlIdMap &ids);

/* Descriptions of controls that only the sender has names for. */
class SensorControlInfo
{
public:
	const ControlInfoMap &read(Reader &reader);

private:
	std::vector<std::unique_ptr<ControlId>> owned_;
	ControlIdMap ids_;
	ControlInfoMap map_;
};

} /* namespace libcamera::ipa::fovea::ipc */
