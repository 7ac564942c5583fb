/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Requests of a client: checked, unpacked, and packed as replies
 */

#include "message.h"

#include <string.h>
#include <sys/ioctl.h>

namespace fovea::server {

using namespace transport;

namespace {

bool fail(std::string *reason, const std::string &text)
{
	*reason = text;
	return false;
}

} /* namespace */

/*
 * Everything that can be checked without the payload. The bounds hold for all
 * code behind: payloadSize is at most kMaxPayload, regions at most kMaxRegions,
 * descriptors at most kMaxDescriptors.
 */
bool checkHeader(const RequestHeader &header, std::string *reason)
{
	if (header.magic != kProtocolMagic)
		return fail(reason, "wrong magic number: the preload library and "
				    "fovea-hw are of different builds");

	if (header.payloadSize > kMaxPayload)
		return fail(reason, "payload of " + std::to_string(header.payloadSize) +
					    " bytes, at most " + std::to_string(kMaxPayload));

	if (header.flags & ~kFlagPayloadInMemfd)
		return fail(reason, "undefined flags " + std::to_string(header.flags));

	if (header.descriptors > kMaxDescriptors)
		return fail(reason, std::to_string(header.descriptors) + " descriptors, at most " +
					    std::to_string(kMaxDescriptors));

	if (header.replyCapacity < sizeof(ReplyHeader) || header.replyCapacity > kMaxPacket)
		return fail(reason, "room for a reply of " + std::to_string(header.replyCapacity) +
					    " bytes, must be " + std::to_string(sizeof(ReplyHeader)) +
					    " to " + std::to_string(kMaxPacket));

	switch (header.operation) {
	case kOpIoctl:
		if (header.argSize != _IOC_SIZE(header.request))
			return fail(reason, "argument of " + std::to_string(header.argSize) +
						    " bytes, the ioctl number says " +
						    std::to_string(_IOC_SIZE(header.request)));
		if (padded(header.argSize) > header.payloadSize)
			return fail(reason, "argument exceeds the payload");
		if (header.regions > kMaxRegions)
			return fail(reason, std::to_string(header.regions) + " regions, at most " +
						    std::to_string(kMaxRegions));
		return true;

	case kOpOpen:
	case kOpAttach:
	case kOpMmap:
	case kOpMonitor:
	case kOpControl:
		if (header.descriptors != (header.operation == kOpAttach) ||
		    header.regions || header.argSize)
			return fail(reason, "arguments of an ioctl for operation " +
						    std::to_string(header.operation));
		return true;

	default:
		return fail(reason, "unknown operation " + std::to_string(header.operation));
	}
}

/* Hands out the regions of a payload in the order of the argument's pointers. */
class IoctlArguments::Unpacker
{
public:
	Unpacker(IoctlArguments *arguments, std::span<uint8_t> payload,
		 uint32_t regions, std::string *reason)
		: arguments_(arguments), payload_(payload), regions_(regions), reason_(reason)
	{
	}

	int operator()(PointerField field, uint64_t bytes, Direction direction)
	{
		RegionHeader header;
		if (!regions_ || payload_.size() < sizeof(header))
			return malformed("too few regions for the argument's pointers");
		regions_--;

		memcpy(&header, payload_.data(), sizeof(header));
		payload_ = payload_.subspan(sizeof(header));

		if (header.length != bytes)
			return malformed("region of " + std::to_string(header.length) +
					 " bytes where the argument says " + std::to_string(bytes));
		if (header.hasData != (direction == Direction::InOut))
			return malformed("region with data where none is due, or without");

		uint8_t *data = header.hasData ? take(bytes) : allocate(bytes);
		if (!data)
			return -EBADMSG;

		arguments_->patch(field, data);
		arguments_->regions_.push_back({ data, header.length });
		return 0;
	}

	bool finish()
	{
		if (regions_ || !payload_.empty()) {
			malformed("bytes or regions left over");
			return false;
		}
		return true;
	}

private:
	int malformed(const std::string &text)
	{
		*reason_ = text;
		return -EBADMSG;
	}

	uint8_t *take(uint64_t bytes)
	{
		if (padded(bytes) > payload_.size()) {
			malformed("region exceeds the payload");
			return nullptr;
		}

		uint8_t *data = payload_.data();
		payload_ = payload_.subspan(padded(bytes));
		return data;
	}

	/* The client sizes this memory without sending it: hold it to a bound. */
	uint8_t *allocate(uint64_t bytes)
	{
		allocated_ += bytes;
		if (allocated_ > kMaxPayload / 2) {
			malformed("arrays of more than " + std::to_string(kMaxPayload / 2) + " bytes");
			return nullptr;
		}

		return static_cast<uint8_t *>(arguments_->newMemory(bytes));
	}

	IoctlArguments *arguments_;
	std::span<uint8_t> payload_;
	uint32_t regions_;
	uint64_t allocated_ = 0;
	std::string *reason_;
};

/*
 * Unpack the argument and its regions from \a payload, which is aligned to 8
 * bytes, and let the argument's pointers refer to them. \a header has passed
 * checkHeader().
 *
 * Returns false with the \a reason when the payload is not what the argument
 * describes. Nothing has been given to the device then.
 */
bool IoctlArguments::unpack(const RequestHeader &header, std::span<uint8_t> payload,
			    std::string *reason)
{
	argSize_ = header.argSize;
	arg_ = argSize_ ? static_cast<void *>(payload.data()) : &none_;

	/* As video_usercopy(): a device never sees what it is to fill in. */
	if (argSize_ && !(_IOC_DIR(header.request) & _IOC_WRITE))
		memset(arg_, 0, argSize_);

	Unpacker unpacker(this, payload.subspan(padded(argSize_)), header.regions, reason);
	int ret = visitPointers(header.request, arg_, unpacker);
	if (ret) {
		if (ret != -EBADMSG)
			*reason = "an array exceeds its limit";
		return false;
	}

	return unpacker.finish();
}

void IoctlArguments::patch(PointerField field, void *data)
{
	patches_.push_back({ field, field.get() });
	field.set(data);
}

/* Zeroed memory of \a size bytes, aligned to 8, that lives as long as this. */
void *IoctlArguments::newMemory(size_t size)
{
	memory_.push_back(std::make_unique<uint64_t[]>(padded(size) / 8));
	return memory_.back().get();
}

/*
 * An array of \a size bytes for \a field, for arrays whose size is known to the
 * device only. It is part of the reply, behind the regions of the request.
 */
void IoctlArguments::addArray(PointerField field, size_t size)
{
	auto *data = static_cast<uint8_t *>(newMemory(size));
	patch(field, data);
	regions_.push_back({ data, static_cast<uint32_t>(size) });
}

void IoctlArguments::restorePointers()
{
	for (Patch &patch : patches_)
		patch.field.set(patch.original);
	patches_.clear();
}

void IoctlArguments::pack(std::vector<uint8_t> *reply, uint32_t *argSize,
			  uint32_t *regions) const
{
	const auto append = [reply](const void *data, size_t size) {
		const auto *bytes = static_cast<const uint8_t *>(data);
		reply->insert(reply->end(), bytes, bytes + size);
		reply->resize(padded(reply->size()));
	};

	append(arg_, argSize_);
	for (const Region &region : regions_) {
		const RegionHeader header{ region.length, 1 };
		append(&header, sizeof(header));
		append(region.data, region.length);
	}

	*argSize = argSize_;
	*regions = regions_.size();
}

} /* namespace fovea::server */
