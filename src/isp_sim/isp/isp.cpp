/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The ISP model: raw frame and parameters to pictures and statistics
 */

#include "isp.h"

#include <errno.h>

#include "params.h"
#include "reference.h"

namespace fovea::isp {

class Isp::Private
{
public:
	bool configured = false;
	Configuration configuration;
};

Isp::Isp()
	: d_(std::make_unique<Private>())
{
}

Isp::~Isp() = default;

int Isp::configure(const Configuration &configuration, std::string *error)
{
	int ret = validateConfiguration(configuration, error);
	if (ret < 0)
		return ret;
	d_->configuration = configuration;
	d_->configured = true;
	return 0;
}

int Isp::process(std::span<const uint8_t> raw, const Params &params,
		 std::span<const std::span<uint8_t>> outputs, fovea_isp_stats_buffer *stats)
{
	if (!d_->configured)
		return -EINVAL;
	return processReference(d_->configuration, raw, params, outputs, stats);
}

} /* namespace fovea::isp */
