/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Validation of parameters from the IPA module
 */

#include "params_check.h"

#include <bitset>
#include <string.h>

#include <linux/fovea-isp.h>

/**
 * \file params_check.h
 * \brief Validation of parameters from the IPA module
 */

namespace libcamera::fovea {

namespace {

/* Types of blocks that a header may name; later revisions add some. */
constexpr unsigned int kMaxBlockType = 256;

constexpr uint16_t kKnownFlags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE |
				 V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

bool checkBlock(const v4l2_isp_params_block_header &block, size_t left,
		std::bitset<kMaxBlockType> *seen, std::string *error)
{
	const std::string name = "block of type " + std::to_string(block.type);

	if (block.type >= kMaxBlockType || seen->test(block.type)) {
		*error = name + " is unknown or repeated";
		return false;
	}
	seen->set(block.type);

	if (block.size < sizeof(block) || block.size > left || block.size % 8) {
		*error = name + " has " + std::to_string(block.size) + " bytes, expected " +
			 std::to_string(sizeof(block)) + " to " + std::to_string(left) +
			 " in steps of 8";
		return false;
	}

	if (block.flags & ~kKnownFlags || (block.flags & kKnownFlags) == kKnownFlags) {
		*error = name + " has flags " + std::to_string(block.flags) +
			 ", expected none, disable or enable";
		return false;
	}

	return true;
}

} /* namespace */

/**
 * \brief Check the form of parameters (linux/media/v4l2-isp.h)
 * \param[in] params The parameters, in memory that nobody else can write
 * \param[out] error What is wrong with them
 *
 * The blocks follow each other without gaps and overlap, each at most once, with
 * flags that exist. Their contents are what the IPA module is there to decide
 * and what the device validates, which knows its revision's blocks.
 *
 * \return True if they are well-formed
 */
bool checkParams(Span<const uint8_t> params, std::string *error)
{
	struct v4l2_isp_params_buffer header;
	if (params.size() < sizeof(header) || params.size() > FOVEA_ISP_PARAMS_MAX_SIZE) {
		*error = std::to_string(params.size()) + " bytes, expected " +
			 std::to_string(sizeof(header)) + " to " +
			 std::to_string(FOVEA_ISP_PARAMS_MAX_SIZE);
		return false;
	}

	memcpy(&header, params.data(), sizeof(header));
	if (header.version != V4L2_ISP_PARAMS_VERSION_V1) {
		*error = "version " + std::to_string(header.version) + ", expected " +
			 std::to_string(V4L2_ISP_PARAMS_VERSION_V1);
		return false;
	}

	params = params.subspan(sizeof(header));
	if (header.data_size != params.size()) {
		*error = "data of " + std::to_string(header.data_size) + " bytes, but " +
			 std::to_string(params.size()) + " are there";
		return false;
	}

	std::bitset<kMaxBlockType> seen;
	while (!params.empty()) {
		v4l2_isp_params_block_header block;
		if (params.size() < sizeof(block)) {
			*error = std::to_string(params.size()) + " bytes are behind the last block";
			return false;
		}

		memcpy(&block, params.data(), sizeof(block));
		if (!checkBlock(block, params.size(), &seen, error))
			return false;

		params = params.subspan(block.size);
	}

	return true;
}

} /* namespace libcamera::fovea */
