/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Lens
 */

#include <linux/v4l2-controls.h>

#include "subdevices.h"

namespace fovea::graph {

/**
 * \class Lens
 * \brief A lens with V4L2_CID_FOCUS_ABSOLUTE
 */

Lens::Lens(v4l2::MediaDevice *media, const EntityConfig &config)
	: Subdevice(media, config.name, MEDIA_ENT_F_LENS, {}, OpEvents | OpLogStatus)
{
	controls_.add({ V4L2_CID_FOCUS_ABSOLUTE, V4L2_CTRL_TYPE_INTEGER, "Focus, Absolute", 0,
			config.focusMaximum, 1, 0 });
	resetActiveState();
}

} /* namespace fovea::graph */
