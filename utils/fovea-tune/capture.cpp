/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Capture of a number of pictures through libcamera
 */

#include "capture.h"

#include <libcamera/formats.h>

namespace fovea::tune {

using namespace libcamera;

/**
 * \brief Acquire and configure the first camera
 * \return 0, or a negative error code with \a error set
 */
int Capture::open(std::string *error)
{
	int ret = session_.open("", error);
	if (ret)
		return ret;

	return session_.configure({ { StreamRole::StillCapture, formats::XRGB8888, {} } }, error);
}

/**
 * \brief Take \a frames pictures
 * \param[in] frames Number of pictures
 * \param[in] handler Called for each picture in order; an error it returns ends
 * the capture and is returned, with \a error empty
 * \return 0, or a negative error code with \a error set
 */
int Capture::run(unsigned int frames, std::function<int(const Frame &)> handler,
		 std::string *error)
{
	return session_.run(frames, Session::kAllRequests, {}, [&](const SessionFrame &frame) {
		const StreamConfiguration &stream = *frame.images[0].config;
		return handler({ frame.sequence, frame.metadata,
				 fromXrgb8888(frame.images[0].planes[0], stream.size.width,
					      stream.size.height, stream.stride) });
	}, error);
}

} /* namespace fovea::tune */
