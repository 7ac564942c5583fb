/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls of the Fovea camera that libcamera has no name for
 */

#pragma once

/*
 * For development and recordings: what the ISP was told and what it measured, as it
 * is, see linux/fovea-isp.h. A release of libcamera registers its controls when it is
 * built, so these have numbers, far from its ranges, but no entry in its map
 * controls::controls. Metadata have them in answer to IspBuffersEnable only: 'cam
 * --metadata' and the Python bindings look each entry up there, and end if it is missing.
 *
 *	if (camera->controls().count(IspBuffersEnable))
 *		request->controls().set(IspBuffersEnable, ControlValue(true));
 */
namespace libcamera::fovea {

enum VendorControl : unsigned int {
	/*
	 * Control, bool: whether the metadata of this request and of those that follow
	 * have the buffers below. A camera starts without.
	 */
	IspBuffersEnable = 0x46560001,

	/*
	 * Metadata, bytes: struct fovea_isp_stats_buffer of the frame. Missing where the
	 * device lost it.
	 */
	IspStatistics = 0x46560002,

	/*
	 * Metadata, bytes: struct v4l2_isp_params_buffer, with its blocks, that was queued
	 * with the frame. Missing where there were none: all blocks keep their state.
	 */
	IspParameters = 0x46560003,
};

} /* namespace libcamera::fovea */
