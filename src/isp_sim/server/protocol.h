/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Messages between the preload library and fovea-hw
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fovea::transport {

/*
 * The two sides talk over SOCK_SEQPACKET connections: one packet is a request,
 * the next one in the other direction is its reply. A packet is a header, then
 * a payload. A payload that does not fit a packet travels in a memfd that comes
 * before all other descriptors of the packet.
 *
 * The payload of an ioctl is the argument structure, padded to 8 bytes, then a
 * region for each array or buffer that the argument points to, in the order in
 * which visitPointers() (ioctl_layout.h) finds them: a RegionHeader, then the
 * bytes, padded to 8. Regions that the device only writes carry no bytes in the
 * request.
 *
 * Both ends are built from the same tree and run on the same machine; the
 * layout is that of the compiler, and kProtocolMagic changes with it.
 */
constexpr uint32_t kProtocolMagic = 0x46565433;		/* "FVT3" */

/* Largest packet, header included. */
constexpr size_t kMaxPacket = 64 * 1024;

/* Largest payload, in a packet or in a memfd. */
constexpr size_t kMaxPayload = 4 * 1024 * 1024;

/* Most descriptors in a packet, the payload's memfd included. */
constexpr unsigned int kMaxDescriptors = 16;

/* Most regions of an ioctl: the controls of a large v4l2_ext_controls. */
constexpr unsigned int kMaxRegions = 1100;

enum Operation : uint32_t {
	kOpOpen = 1,		/* payload: name of the node below /dev */
	kOpAttach = 2,		/* descriptor: a carrier that was inherited or received */
	kOpIoctl = 3,
	kOpMmap = 4,
	kOpMonitor = 5,		/* tell on this connection what comes and goes */
	kOpControl = 6,		/* payload: a command; the reply's payload: an answer */
};

/* The payload is in a memfd, the first descriptor of the packet. */
constexpr uint32_t kFlagPayloadInMemfd = 1U << 0;

struct RequestHeader {
	uint32_t magic;
	uint32_t operation;
	uint64_t handle;		/* open file, 0 for kOpOpen and kOpAttach */
	uint64_t offset;		/* kOpMmap */
	uint64_t length;		/* kOpMmap */
	uint32_t request;		/* kOpIoctl: number; kOpOpen: flags */
	uint32_t argSize;		/* kOpIoctl: bytes of the argument */
	uint32_t payloadSize;		/* bytes behind the header or in the memfd */
	uint32_t regions;		/* kOpIoctl: regions behind the argument */
	uint32_t descriptors;		/* without the payload's memfd */
	uint32_t flags;			/* kFlag* */
	uint32_t replyCapacity;		/* largest packet for the reply */
	uint32_t cpu;			/* 1 + processor of the caller, 0: unknown */
};

static_assert(sizeof(RequestHeader) == 64);

struct ReplyHeader {
	uint32_t magic;
	int32_t result;			/* of the call, or a negative errno */
	uint64_t handle;		/* kOpOpen, kOpAttach */
	uint64_t offset;		/* kOpMmap: offset in the memory */
	uint32_t major;			/* kOpOpen, kOpAttach */
	uint32_t minor;
	uint32_t argSize;
	uint32_t payloadSize;
	uint32_t regions;
	uint32_t descriptors;		/* without the payload's memfd */
	uint32_t flags;			/* kFlag* */
	uint32_t openFlags;		/* kOpAttach: flags of open(2) */
	uint32_t cpu;			/* 1 + processor of the server, 0: unknown */
	uint32_t reserved;
};

static_assert(sizeof(ReplyHeader) == 64);

/*
 * What follows the reply to kOpMonitor, unasked: a packet for each node that has
 * come or gone, with this header (result 0, all else but the payload's size 0) and
 * the kernel's own format of such news as the payload: "add@/devices/...", then
 * "ACTION=add", "SUBSYSTEM=video4linux" and so on, each ended by a zero byte. A
 * client that does not read them is disconnected.
 */
constexpr size_t kMaxUevent = 2048;

struct RegionHeader {
	uint32_t length;		/* bytes of the region */
	uint32_t hasData;		/* 1: the bytes follow, 0: they do not */
};

static_assert(sizeof(RegionHeader) == 8);

/*
 * Descriptors that come with an open file: for kOpOpen the carrier itself, then
 * for both kOpOpen and kOpAttach the readiness objects: eventfds that poll as
 * readable exactly while the open file is ready in their sense.
 */
enum Readiness : unsigned int {
	kReadyIn,
	kReadyOut,
	kReadyPri,
	kReadyErr,
	kReadyCount,
};

/*
 * The server binds its end of a carrier to an abstract address, so that whoever
 * gets the other end can recognise it with getpeername(): this prefix, behind
 * the leading zero byte, then 16 hexadecimal digits.
 *
 * Everybody can read such addresses in /proc/net/unix, so they are no secret:
 * the digits are the kernel's number of the client's end (SO_COOKIE). What
 * gives access to an open file is its handle, 64 random bits, and who asks for
 * that with kOpAttach has to send the carrier.
 */
constexpr char kCarrierPrefix[] = "fovea-hw/file/";
constexpr size_t kCarrierPrefixLength = sizeof(kCarrierPrefix) - 1;
constexpr size_t kCarrierDigits = 16;

constexpr size_t padded(size_t size)
{
	return (size + 7) & ~size_t{ 7 };
}

} /* namespace fovea::transport */
