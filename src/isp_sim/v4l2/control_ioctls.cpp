/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The ioctls of controls
 */

#include <algorithm>
#include <errno.h>
#include <string.h>

#include "control_handler.h"
#include "file_handle.h"

namespace fovea::v4l2 {

namespace {

/* Copy at most \a size - 1 characters of \a name and fill up with zeroes. */
void copyName(void *destination, size_t size, const std::string &name)
{
	memset(destination, 0, size);
	memcpy(destination, name.data(), std::min(name.size(), size - 1));
}

/*
 * Take a string from the application. A string without an end that fills all of
 * the control's room, or more, is too long.
 */
int stringFromUser(const ControlInfo &info, const v4l2_ext_control &ext, ControlValue *value)
{
	size_t size = std::min<size_t>(ext.size, info.elementSize());
	if (!size)
		return -ERANGE;

	std::span<uint8_t> bytes = value->bytes();
	std::fill(bytes.begin(), bytes.end(), 0);
	memcpy(bytes.data(), ext.string, size);

	uint8_t last = std::exchange(bytes[size - 1], 0);
	if (value->text().size() == static_cast<size_t>(info.maximum) && last)
		return -ERANGE;

	return 0;
}

/* The value that the application hands over; sizes have been checked. */
int fromUser(const Control &control, const v4l2_ext_control &ext, ControlValue *value)
{
	const ControlInfo &info = control.info();

	if (info.isString() && !info.isArray())
		return stringFromUser(info, ext, value);

	if (info.hasPayload()) {
		if (info.isDynamicArray())
			value->resize(info, ext.size / info.elementSize());
		memcpy(value->bytes().data(), ext.ptr, value->bytes().size());
		return 0;
	}

	value->set(info, info.type == V4L2_CTRL_TYPE_INTEGER64 ? int64_t{ ext.value64 }
							       : int64_t{ ext.value });
	return 0;
}

int toUser(const Control &control, const ControlValue &value, v4l2_ext_control *ext)
{
	const ControlInfo &info = control.info();

	if (info.isString() && !info.isArray()) {
		const std::string text = value.text();
		if (ext->size < text.size() + 1) {
			ext->size = info.elementSize();
			return -ENOSPC;
		}
		memcpy(ext->string, text.c_str(), text.size() + 1);
		return 0;
	}

	if (info.hasPayload()) {
		size_t size = std::min<size_t>(ext->size, value.bytes().size());
		memcpy(ext->ptr, value.bytes().data(), size);
		return 0;
	}

	if (info.type == V4L2_CTRL_TYPE_INTEGER64)
		ext->value64 = value.get(info);
	else
		ext->value = static_cast<int32_t>(value.get(info));
	return 0;
}

/* The values that no write can address, and that are no class of controls. */
bool isBound(uint32_t which)
{
	return which == V4L2_CTRL_WHICH_DEF_VAL || which == V4L2_CTRL_WHICH_MIN_VAL ||
	       which == V4L2_CTRL_WHICH_MAX_VAL;
}

} /* namespace */

/**
 * \brief Execute one of the control ioctls
 * \return The result, or -ENOTTY for other ioctls
 */
int ControlHandler::ioctl(FileHandle *file, unsigned long request, void *arg)
{
	switch (request) {
	case VIDIOC_QUERYCTRL:
		return query(static_cast<v4l2_queryctrl *>(arg));
	case VIDIOC_QUERY_EXT_CTRL:
		return queryExt(static_cast<v4l2_query_ext_ctrl *>(arg));
	case VIDIOC_QUERYMENU:
		return queryMenu(static_cast<v4l2_querymenu *>(arg));
	case VIDIOC_G_CTRL:
		return get(static_cast<v4l2_control *>(arg));
	case VIDIOC_S_CTRL:
		return set(file, static_cast<v4l2_control *>(arg));
	case VIDIOC_G_EXT_CTRLS:
		return getExt(static_cast<v4l2_ext_controls *>(arg));
	case VIDIOC_TRY_EXT_CTRLS:
		return trySetExt(file, static_cast<v4l2_ext_controls *>(arg), false);
	case VIDIOC_S_EXT_CTRLS:
		return trySetExt(file, static_cast<v4l2_ext_controls *>(arg), true);
	default:
		return -ENOTTY;
	}
}

/* --------------------------------------------------------------------------
 * Queries
 */

/*
 * The next control above \a id: a plain one, a compound one, or either, as the
 * two V4L2_CTRL_FLAG_NEXT_* flags say.
 */
const Control *ControlHandler::findNext(uint32_t id, uint32_t flags) const
{
	for (auto it = controls_.upper_bound(id); it != controls_.end(); ++it) {
		uint32_t wanted = it->second->info().isCompound() ? V4L2_CTRL_FLAG_NEXT_COMPOUND
								  : V4L2_CTRL_FLAG_NEXT_CTRL;
		if (flags & wanted)
			return it->second.get();
	}

	return nullptr;
}

int ControlHandler::queryExt(v4l2_query_ext_ctrl *query) const
{
	constexpr uint32_t nextFlags = V4L2_CTRL_FLAG_NEXT_CTRL |
				       V4L2_CTRL_FLAG_NEXT_COMPOUND;
	uint32_t id = query->id & V4L2_CTRL_ID_MASK;

	const Control *control = query->id & nextFlags
			       ? findNext(id, query->id & nextFlags)
			       : find(id);
	if (!control)
		return -EINVAL;

	const ControlInfo &info = control->info();

	/* A number of the old kind stays what was asked for. */
	const bool old = !(query->id & nextFlags) && id >= V4L2_CID_PRIVATE_BASE;

	*query = {};
	query->id = old ? id : info.id;
	query->type = info.type;
	copyName(query->name, sizeof(query->name), info.name);
	query->minimum = info.minimum;
	query->maximum = info.maximum;
	query->step = info.isMenu() ? 1 : info.step;
	query->default_value = info.defaultValue;
	query->flags = control->flags();
	query->elem_size = info.elementSize();
	query->elems = control->elements();
	query->nr_of_dims = info.dims.size();
	std::copy(info.dims.begin(), info.dims.end(), query->dims);
	return 0;
}

int ControlHandler::query(v4l2_queryctrl *query) const
{
	v4l2_query_ext_ctrl ext = {};
	ext.id = query->id;

	int ret = queryExt(&ext);
	if (ret)
		return ret;

	*query = {};
	query->id = ext.id;
	query->type = ext.type;
	query->flags = ext.flags;
	memcpy(query->name, ext.name, sizeof(query->name));

	/* Other ranges do not fit or make no sense; the kernel leaves them 0. */
	switch (ext.type) {
	case V4L2_CTRL_TYPE_INTEGER:
	case V4L2_CTRL_TYPE_BOOLEAN:
	case V4L2_CTRL_TYPE_MENU:
	case V4L2_CTRL_TYPE_INTEGER_MENU:
	case V4L2_CTRL_TYPE_STRING:
	case V4L2_CTRL_TYPE_BITMASK:
		query->minimum = ext.minimum;
		query->maximum = ext.maximum;
		query->step = ext.step;
		query->default_value = ext.default_value;
		break;
	default:
		break;
	}

	return 0;
}

int ControlHandler::queryMenu(v4l2_querymenu *query) const
{
	const Control *control = find(query->id);
	if (!control)
		return -EINVAL;

	query->reserved = 0;

	const ControlInfo &info = control->info();
	uint32_t index = query->index;

	if (!info.isMenu() || index < info.minimum || index > info.maximum)
		return -EINVAL;
	if (index < 64 && (info.skipMask & (1ULL << index)))
		return -EINVAL;

	if (info.type == V4L2_CTRL_TYPE_INTEGER_MENU) {
		query->value = info.integerMenu[index];
		return 0;
	}

	if (info.menu[index].empty())
		return -EINVAL;

	copyName(query->name, sizeof(query->name), info.menu[index]);
	return 0;
}

/* --------------------------------------------------------------------------
 * One control of 32 bits
 */

int ControlHandler::get(v4l2_control *control)
{
	Control *found = find(control->id);
	if (!found || !found->info().isInt32())
		return -EINVAL;
	if (found->flags() & V4L2_CTRL_FLAG_WRITE_ONLY)
		return -EACCES;

	ControlValue value;
	int ret = read(found, V4L2_CTRL_WHICH_CUR_VAL, &value);
	if (!ret)
		control->value = value.get(found->info());
	return ret;
}

int ControlHandler::set(FileHandle *file, v4l2_control *control)
{
	Control *found = find(control->id);
	if (!found || !found->info().isInt32())
		return -EINVAL;
	if (found->flags() & V4L2_CTRL_FLAG_READ_ONLY)
		return -EACCES;

	ControlValue value = found->value_;
	value.set(found->info(), control->value);
	int ret = value.validate(found->info());
	if (ret)
		return ret;

	begin(*found->cluster_);
	if (found->isMaster())
		leaveAutomatic(*found->cluster_, value.get(found->info()));
	found->pending_ = value;
	found->isNew_ = true;

	ret = apply(file, *found->cluster_, true);
	if (!ret)
		control->value = (found->changed_ ? found->value_ : found->pending_).get(found->info());
	return ret;
}

/* --------------------------------------------------------------------------
 * Lists of controls
 */

int ControlHandler::checkClass(uint32_t which) const
{
	if (which == V4L2_CTRL_WHICH_CUR_VAL || isBound(which))
		return 0;

	return find(which | 1) ? 0 : -EINVAL;
}

/*
 * Is there room for the payload of a control, and what will be its size? An
 * application asks for the size by reading with one that is too small. Strings
 * are as long as they are.
 */
int ControlHandler::checkSize(const Control &control, v4l2_ext_control *ext, bool get) const
{
	const ControlInfo &info = control.info();
	const uint32_t element = info.elementSize();
	const uint32_t size = control.data().size();

	if (!info.hasPayload() || (info.isString() && !info.isArray()))
		return 0;

	if (info.isDynamicArray() && !get) {
		const uint32_t most = element * info.maxElements();

		ext->size -= ext->size % element;
		if (ext->size > most) {
			ext->size = most;
			return -ENOSPC;
		}
		return ext->size ? 0 : -EFAULT;
	}

	if (ext->size < size) {
		if (!get)
			return -EFAULT;
		ext->size = size;
		return -ENOSPC;
	}

	ext->size = size;
	return 0;
}

/* Look all controls up; error_idx is left at the one that is refused. */
int ControlHandler::prepare(v4l2_ext_controls *controls, bool get,
			    std::vector<Control *> *found) const
{
	uint32_t which = controls->which;

	for (uint32_t i = 0; i < controls->count; i++) {
		v4l2_ext_control *ext = &controls->controls[i];
		uint32_t id = ext->id & V4L2_CTRL_ID_MASK;

		controls->error_idx = i;
		ext->reserved2[0] = 0;

		if (which && !isBound(which) && V4L2_CTRL_ID2WHICH(id) != which)
			return -EINVAL;
		if (id >= V4L2_CID_PRIVATE_BASE)
			return -EINVAL;

		Control *control = find(id);
		if (!control || (control->flags() & V4L2_CTRL_FLAG_DISABLED))
			return -EINVAL;
		if ((which == V4L2_CTRL_WHICH_MIN_VAL || which == V4L2_CTRL_WHICH_MAX_VAL) &&
		    !(control->flags() & V4L2_CTRL_FLAG_HAS_WHICH_MIN_MAX))
			return -EINVAL;

		int ret = checkSize(*control, ext, get);
		if (ret)
			return ret;

		found->push_back(control);
	}

	return 0;
}

int ControlHandler::getExt(v4l2_ext_controls *controls)
{
	/* There are no requests here. */
	controls->error_idx = controls->count;
	if (controls->which == V4L2_CTRL_WHICH_REQUEST_VAL)
		return -EINVAL;

	controls->which = V4L2_CTRL_ID2WHICH(controls->which);
	controls->reserved[0] = 0;
	if (!controls->count)
		return checkClass(controls->which);

	std::vector<Control *> found;
	int ret = prepare(controls, true, &found);
	controls->error_idx = controls->count;
	if (ret)
		return ret;

	for (const Control *control : found) {
		if (control->flags() & V4L2_CTRL_FLAG_WRITE_ONLY)
			return -EACCES;
	}

	for (size_t i = 0; i < found.size(); i++) {
		ControlValue value;

		controls->error_idx = i;
		ret = read(found[i], controls->which, &value);
		if (!ret)
			ret = toUser(*found[i], value, &controls->controls[i]);
		if (ret)
			return ret;
	}

	controls->error_idx = controls->count;
	return 0;
}

/* Nothing is set before all is known to be valid. */
int ControlHandler::validateAll(v4l2_ext_controls *controls,
				const std::vector<Control *> &found, bool set) const
{
	for (size_t i = 0; i < found.size(); i++) {
		const Control &control = *found[i];

		controls->error_idx = i;

		if (control.flags() & V4L2_CTRL_FLAG_READ_ONLY)
			return -EACCES;
		if (set && (control.flags() & V4L2_CTRL_FLAG_GRABBED))
			return -EBUSY;

		ControlValue value = control.value_;
		int ret = fromUser(control, controls->controls[i], &value);
		if (!ret)
			ret = value.validate(control.info());
		if (ret)
			return ret;
	}

	return 0;
}

/* Apply all controls of the list that are in one cluster with that at \a first. */
int ControlHandler::applyExt(FileHandle *file, v4l2_ext_controls *controls,
			     const std::vector<Control *> &found, size_t first, bool set)
{
	ControlCluster &cluster = *found[first]->cluster_;

	auto forEach = [&](auto function) {
		int ret = 0;
		for (size_t i = first; i < found.size() && !ret; i++) {
			if (found[i]->cluster_.get() == &cluster)
				ret = function(found[i], &controls->controls[i]);
		}
		return ret;
	};

	begin(cluster);

	/* The followers' present values come first: the list may overwrite them. */
	forEach([&](Control *control, const v4l2_ext_control *ext) {
		if (control->isMaster())
			leaveAutomatic(cluster, ext->value);
		return 0;
	});

	/* An earlier cluster may have changed the ranges of this one. */
	int ret = forEach([&](Control *control, const v4l2_ext_control *ext) {
		control->pending_ = control->value_;
		control->isNew_ = true;
		int error = fromUser(*control, *ext, &control->pending_);
		return error ? error : control->pending_.validate(control->info());
	});

	if (!ret)
		ret = apply(file, cluster, set);
	if (ret)
		return ret;

	return forEach([&](const Control *control, v4l2_ext_control *ext) {
		bool current = set && control->changed_;
		return toUser(*control, current ? control->value_ : control->pending_, ext);
	});
}

/*
 * Everything is validated before anything is set. When validation fails,
 * error_idx names the control for TRY and is the count for S: nothing was set.
 */
int ControlHandler::trySetExt(FileHandle *file, v4l2_ext_controls *controls,
			      bool set)
{
	controls->error_idx = controls->count;
	if (controls->which == V4L2_CTRL_WHICH_REQUEST_VAL || isBound(controls->which))
		return -EINVAL;

	controls->which = V4L2_CTRL_ID2WHICH(controls->which);
	controls->reserved[0] = 0;
	if (!controls->count)
		return checkClass(controls->which);

	std::vector<Control *> found;
	int ret = prepare(controls, false, &found);
	if (!ret)
		ret = validateAll(controls, found, set);
	if (ret) {
		if (set)
			controls->error_idx = controls->count;
		return ret;
	}

	for (size_t i = 0; i < found.size(); i++) {
		auto sameCluster = [&](const Control *control) {
			return control->cluster_ == found[i]->cluster_;
		};
		if (std::any_of(found.begin(), found.begin() + i, sameCluster))
			continue;

		controls->error_idx = i;
		ret = applyExt(file, controls, found, i, set);
		if (ret)
			return ret;
	}

	controls->error_idx = controls->count;
	return 0;
}

} /* namespace fovea::v4l2 */
