/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Fuzz target: requests of clients of fovea-hw
 */

#include <algorithm>
#include <array>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <sys/ioctl.h>
#include <vector>

#include <linux/media.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>

#include "isp_sim/server/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

using namespace fovea;
using namespace fovea::transport;

namespace {

/* Those that point to more, and some that do not. */
constexpr std::array<uint32_t, 14> kRequests = {
	VIDIOC_G_EXT_CTRLS, VIDIOC_S_EXT_CTRLS, VIDIOC_TRY_EXT_CTRLS, VIDIOC_QBUF,
	VIDIOC_DQBUF, VIDIOC_QUERYBUF, VIDIOC_PREPARE_BUF, VIDIOC_G_EDID,
	VIDIOC_SUBDEV_S_ROUTING, MEDIA_IOC_G_TOPOLOGY, MEDIA_IOC_ENUM_LINKS,
	VIDIOC_QUERYCAP, VIDIOC_LOG_STATUS, VIDIOC_S_FMT,
};

/* Use all memory that the request gives to the device. */
void useArguments(const RequestHeader &header, server::IoctlArguments *arguments)
{
	visitPointers(header.request, arguments->arg(), [](PointerField field, uint64_t bytes, Direction) {
		auto *data = static_cast<volatile uint8_t *>(field.get());
		for (uint64_t i = 0; i < bytes; i++)
			data[i] = data[i];
		return 0;
	});

	arguments->restorePointers();
	std::vector<uint8_t> reply(sizeof(ReplyHeader));
	uint32_t argSize = 0;
	uint32_t regions = 0;
	arguments->pack(&reply, &argSize, &regions);
	if (reply.size() < sizeof(ReplyHeader) + argSize + regions * sizeof(RegionHeader))
		abort();
}

} /* namespace */

/*
 * Byte 0 chooses the ioctl, byte 1 what of the header is made consistent, so that
 * inputs reach the parser behind it; then follow the header and the payload.
 */
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;

	const uint8_t choice = data[0];
	const uint8_t repair = data[1];
	data += 2;
	size -= 2;

	RequestHeader header = {};
	const size_t headerSize = repair & 1 ? 0 : std::min(size, sizeof(header));
	memcpy(&header, data, headerSize);
	std::vector<uint64_t> words(padded(size - headerSize) / 8 + 1);
	std::span<uint8_t> payload(reinterpret_cast<uint8_t *>(words.data()),
				   padded(size - headerSize));
	memcpy(payload.data(), data + headerSize, size - headerSize);

	if (repair & 3) {
		header.magic = kProtocolMagic;
		header.operation = kOpIoctl;
		header.request = kRequests[choice % kRequests.size()];
		header.argSize = _IOC_SIZE(header.request);
		header.payloadSize = payload.size();
		header.regions = (repair >> 2) % 4;
		header.replyCapacity = kMaxPacket;
		header.descriptors = 0;
		header.flags = 0;
	}

	std::string reason;
	if (!server::checkHeader(header, &reason) || header.operation != kOpIoctl ||
	    header.payloadSize != payload.size())
		return 0;

	server::IoctlArguments arguments;
	if (arguments.unpack(header, payload, &reason))
		useArguments(header, &arguments);
	else if (reason.empty())
		abort();

	return 0;
}
