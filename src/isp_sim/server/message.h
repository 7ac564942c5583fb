/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Requests of a client: checked, unpacked, and packed as replies
 */

#pragma once

#include <memory>
#include <span>
#include <stdint.h>
#include <string>
#include <vector>

#include "ioctl_layout.h"
#include "protocol.h"

namespace fovea::server {

/* Check a header; \a reason says what is wrong with it. */
bool checkHeader(const transport::RequestHeader &header, std::string *reason);

class IoctlArguments
{
public:
	/* \a payload is used in place: it has to outlive this object. */
	bool unpack(const transport::RequestHeader &header,
		    std::span<uint8_t> payload, std::string *reason);

	void *arg() { return arg_; }

	void addArray(transport::PointerField field, size_t size);

	/* Put back the pointers of the client, for the reply. */
	void restorePointers();

	/* Append the argument and the regions to \a reply. */
	void pack(std::vector<uint8_t> *reply, uint32_t *argSize, uint32_t *regions) const;

private:
	struct Region {
		uint8_t *data;
		uint32_t length;
	};

	struct Patch {
		transport::PointerField field;
		void *original;
	};

	class Unpacker;

	void patch(transport::PointerField field, void *data);
	void *newMemory(size_t size);

	/* For ioctls without an argument: what the device gets to see. */
	uint64_t none_ = 0;

	void *arg_ = nullptr;
	uint32_t argSize_ = 0;
	std::vector<Region> regions_;
	std::vector<Patch> patches_;
	std::vector<std::unique_ptr<uint64_t[]>> memory_;
};

} /* namespace fovea::server */
