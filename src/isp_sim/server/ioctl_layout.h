/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the arguments of V4L2 and media-controller ioctls point to
 */

#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/media.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>

namespace fovea::transport {

/*
 * A pointer inside an argument structure: a C pointer, or a 64-bit integer that
 * holds one (struct media_v2_topology).
 */
class PointerField
{
public:
	explicit PointerField(void *field, bool wide = false)
		: field_(field), wide_(wide)
	{
	}

	void *get() const
	{
		uint64_t wide = 0;
		uintptr_t narrow = 0;
		if (wide_)
			__builtin_memcpy(&wide, field_, sizeof(wide));
		else
			__builtin_memcpy(&narrow, field_, sizeof(narrow));
		return reinterpret_cast<void *>(static_cast<uintptr_t>(wide | narrow));
	}

	void set(void *value)
	{
		const uint64_t wide = reinterpret_cast<uintptr_t>(value);
		if (wide_)
			__builtin_memcpy(field_, &wide, sizeof(wide));
		else
			__builtin_memcpy(field_, &value, sizeof(value));
	}

private:
	/* Packed structures have unaligned pointers. */
	void *field_;
	bool wide_;
};

enum class Direction {
	Out,		/* written by the device only */
	InOut,
};

/* Limits of the kernel, beyond which it refuses a call or no device goes. */
constexpr uint32_t kMaxExtControls = 1024;	/* V4L2_CID_MAX_CTRLS */
constexpr uint32_t kMaxExtControlSize = 1024 * 1024;
constexpr uint32_t kMaxEdidBlocks = 256;
constexpr uint32_t kMaxRoutes = 256;
constexpr uint32_t kMaxTopologyObjects = 16384;

namespace detail {

template<typename Visitor>
int visitExtControls(v4l2_ext_controls *controls, Visitor &visit)
{
	if (controls->count == 0)
		return 0;
	if (controls->count > kMaxExtControls)
		return -EINVAL;

	int ret = visit(PointerField(&controls->controls),
			uint64_t{ controls->count } * sizeof(v4l2_ext_control),
			Direction::InOut);
	if (ret)
		return ret;

	for (uint32_t i = 0; i < controls->count; i++) {
		v4l2_ext_control *control = &controls->controls[i];

		if (control->size == 0)
			continue;
		if (control->size > kMaxExtControlSize)
			return -ENOSPC;

		ret = visit(PointerField(reinterpret_cast<char *>(control) +
					 offsetof(v4l2_ext_control, ptr)),
			    control->size, Direction::InOut);
		if (ret)
			return ret;
	}

	return 0;
}

template<typename Visitor>
int visitPlanes(v4l2_buffer *buffer, Visitor &visit)
{
	if (!V4L2_TYPE_IS_MULTIPLANAR(buffer->type) || buffer->length == 0)
		return 0;
	if (buffer->length > VIDEO_MAX_PLANES)
		return -EINVAL;

	return visit(PointerField(&buffer->m.planes),
		     uint64_t{ buffer->length } * sizeof(v4l2_plane),
		     Direction::InOut);
}

template<typename Visitor>
int visitTopology(media_v2_topology *topology, Visitor &visit)
{
	/* The structure is packed: its fields have no address of their own. */
	const struct {
		size_t offset;
		uint64_t count;
		size_t size;
	} arrays[] = {
		{ offsetof(media_v2_topology, ptr_entities), topology->num_entities, sizeof(media_v2_entity) },
		{ offsetof(media_v2_topology, ptr_interfaces), topology->num_interfaces, sizeof(media_v2_interface) },
		{ offsetof(media_v2_topology, ptr_pads), topology->num_pads, sizeof(media_v2_pad) },
		{ offsetof(media_v2_topology, ptr_links), topology->num_links, sizeof(media_v2_link) },
	};

	for (const auto &array : arrays) {
		PointerField field(reinterpret_cast<char *>(topology) + array.offset, true);

		/* A null pointer asks for the number only. */
		if (!field.get() || !array.count)
			continue;
		if (array.count > kMaxTopologyObjects)
			return -ENOMEM;

		int ret = visit(field, array.count * array.size, Direction::Out);
		if (ret)
			return ret;
	}

	return 0;
}

} /* namespace detail */

/*
 * Call \a visit(field, bytes, direction) for each pointer in the argument \a arg
 * of the ioctl \a request. \a visit may replace the pointer; what it leaves there
 * is followed for pointers further down. It returns 0, or a negative error code
 * which ends the walk and is returned.
 *
 * The pointers of MEDIA_IOC_ENUM_LINKS are not visited: the sizes of its arrays
 * are known to the device only.
 */
template<typename Visitor>
int visitPointers(unsigned long request, void *arg, Visitor &&visit)
{
	switch (request) {
	case VIDIOC_G_EXT_CTRLS:
	case VIDIOC_S_EXT_CTRLS:
	case VIDIOC_TRY_EXT_CTRLS:
		return detail::visitExtControls(static_cast<v4l2_ext_controls *>(arg), visit);

	case VIDIOC_QUERYBUF:
	case VIDIOC_QBUF:
	case VIDIOC_DQBUF:
	case VIDIOC_PREPARE_BUF:
		return detail::visitPlanes(static_cast<v4l2_buffer *>(arg), visit);

	case VIDIOC_G_EDID:
	case VIDIOC_S_EDID: {
		auto *edid = static_cast<v4l2_edid *>(arg);
		if (edid->blocks == 0)
			return 0;
		if (edid->blocks > kMaxEdidBlocks)
			return -EINVAL;
		return visit(PointerField(&edid->edid), uint64_t{ edid->blocks } * 128,
			     Direction::InOut);
	}

	case VIDIOC_SUBDEV_G_ROUTING:
	case VIDIOC_SUBDEV_S_ROUTING: {
		auto *routing = static_cast<v4l2_subdev_routing *>(arg);
		if (routing->len_routes == 0 || !routing->routes)
			return 0;
		if (routing->len_routes > kMaxRoutes)
			return -EINVAL;
		return visit(PointerField(&routing->routes, true),
			     uint64_t{ routing->len_routes } * sizeof(v4l2_subdev_route),
			     Direction::InOut);
	}

	case MEDIA_IOC_G_TOPOLOGY:
		return detail::visitTopology(static_cast<media_v2_topology *>(arg), visit);

	default:
		return 0;
	}
}

/* Elements of the array of planes of \a buffer as the application gave it. */
inline unsigned int planesOf(const v4l2_buffer &buffer)
{
	if (!V4L2_TYPE_IS_MULTIPLANAR(buffer.type) || !buffer.m.planes ||
	    buffer.length > VIDEO_MAX_PLANES)
		return 0;

	return buffer.length;
}

/*
 * Call \a visit(int32_t *fd, index) for each DMA-buffer descriptor in the
 * v4l2_buffer \a buffer, whose array of planes has \a planes elements. \a index
 * is the plane.
 */
template<typename Visitor>
void visitDmabufs(v4l2_buffer *buffer, unsigned int planes, Visitor &&visit)
{
	if (buffer->memory != V4L2_MEMORY_DMABUF)
		return;

	if (!V4L2_TYPE_IS_MULTIPLANAR(buffer->type)) {
		visit(&buffer->m.fd, 0U);
		return;
	}

	for (unsigned int i = 0; i < planes; i++)
		visit(&buffer->m.planes[i].m.fd, i);
}

/* Does \a request carry a list of controls, some of which may have payloads? */
constexpr bool takesExtControls(unsigned long request)
{
	return request == VIDIOC_G_EXT_CTRLS || request == VIDIOC_S_EXT_CTRLS ||
	       request == VIDIOC_TRY_EXT_CTRLS;
}

/* Does \a request queue buffers, with their descriptors? */
constexpr bool takesDmabufs(unsigned long request)
{
	return request == VIDIOC_QBUF || request == VIDIOC_PREPARE_BUF;
}

/* Does \a request report buffers that were queued before? */
constexpr bool reportsDmabufs(unsigned long request)
{
	return request == VIDIOC_DQBUF || request == VIDIOC_QUERYBUF;
}

/*
 * Has \a request results even when it fails? (INFO_FL_ALWAYS_COPY in the
 * kernel's v4l2-ioctl.c: the index of the offending control, and EDID counts.)
 */
constexpr bool copiesOnError(unsigned long request)
{
	switch (request) {
	case VIDIOC_G_EXT_CTRLS:
	case VIDIOC_S_EXT_CTRLS:
	case VIDIOC_TRY_EXT_CTRLS:
	case VIDIOC_G_EDID:
	case VIDIOC_S_EDID:
		return true;
	default:
		return false;
	}
}

} /* namespace fovea::transport */
