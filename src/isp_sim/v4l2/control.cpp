/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls: values, ranges, classes, and the ioctls that reach them
 */

#include "control.h"

#include <algorithm>
#include <errno.h>
#include <string.h>
#include <utility>

#include "file_handle.h"

/**
 * \file control.h
 * \brief The control framework
 *
 * Integer, boolean, menu, integer menu, bitmask, button and 64-bit integer
 * controls. String and compound controls do not exist here. Error codes and the
 * values of error_idx are those of the kernel's framework.
 */

namespace fovea::v4l2 {

namespace {

struct StandardControl {
	uint32_t id;
	uint32_t type;
	const char *name;
	uint32_t flags;
};

/* Types, names and flags that the kernel gives to standard controls. */
constexpr StandardControl kStandardControls[] = {
	{ V4L2_CID_USER_CLASS, V4L2_CTRL_TYPE_CTRL_CLASS, "User Controls", 0 },
	{ V4L2_CID_BRIGHTNESS, V4L2_CTRL_TYPE_INTEGER, "Brightness", V4L2_CTRL_FLAG_SLIDER },
	{ V4L2_CID_CONTRAST, V4L2_CTRL_TYPE_INTEGER, "Contrast", V4L2_CTRL_FLAG_SLIDER },
	{ V4L2_CID_SATURATION, V4L2_CTRL_TYPE_INTEGER, "Saturation", V4L2_CTRL_FLAG_SLIDER },
	{ V4L2_CID_HUE, V4L2_CTRL_TYPE_INTEGER, "Hue", V4L2_CTRL_FLAG_SLIDER },
	{ V4L2_CID_EXPOSURE, V4L2_CTRL_TYPE_INTEGER, "Exposure", 0 },
	{ V4L2_CID_GAIN, V4L2_CTRL_TYPE_INTEGER, "Gain", V4L2_CTRL_FLAG_SLIDER },
	{ V4L2_CID_AUTOGAIN, V4L2_CTRL_TYPE_BOOLEAN, "Gain, Automatic", 0 },
	{ V4L2_CID_HFLIP, V4L2_CTRL_TYPE_BOOLEAN, "Horizontal Flip", 0 },
	{ V4L2_CID_VFLIP, V4L2_CTRL_TYPE_BOOLEAN, "Vertical Flip", 0 },
	{ V4L2_CID_CAMERA_CLASS, V4L2_CTRL_TYPE_CTRL_CLASS, "Camera Controls", 0 },
	{ V4L2_CID_CAMERA_ORIENTATION, V4L2_CTRL_TYPE_MENU, "Camera Orientation",
	  V4L2_CTRL_FLAG_READ_ONLY },
	{ V4L2_CID_CAMERA_SENSOR_ROTATION, V4L2_CTRL_TYPE_INTEGER,
	  "Camera Sensor Rotation", V4L2_CTRL_FLAG_READ_ONLY },
	{ V4L2_CID_FLASH_CLASS, V4L2_CTRL_TYPE_CTRL_CLASS, "Flash Controls", 0 },
	{ V4L2_CID_IMAGE_SOURCE_CLASS, V4L2_CTRL_TYPE_CTRL_CLASS, "Image Source Controls", 0 },
	{ V4L2_CID_VBLANK, V4L2_CTRL_TYPE_INTEGER, "Vertical Blanking", 0 },
	{ V4L2_CID_HBLANK, V4L2_CTRL_TYPE_INTEGER, "Horizontal Blanking", 0 },
	{ V4L2_CID_ANALOGUE_GAIN, V4L2_CTRL_TYPE_INTEGER, "Analogue Gain", 0 },
	{ V4L2_CID_IMAGE_PROC_CLASS, V4L2_CTRL_TYPE_CTRL_CLASS, "Image Processing Controls", 0 },
	{ V4L2_CID_LINK_FREQ, V4L2_CTRL_TYPE_INTEGER_MENU, "Link Frequency", 0 },
	{ V4L2_CID_PIXEL_RATE, V4L2_CTRL_TYPE_INTEGER64, "Pixel Rate",
	  V4L2_CTRL_FLAG_READ_ONLY },
	{ V4L2_CID_TEST_PATTERN, V4L2_CTRL_TYPE_MENU, "Test Pattern", 0 },
};

const StandardControl *standardControl(uint32_t id)
{
	for (const StandardControl &control : kStandardControls) {
		if (control.id == id)
			return &control;
	}

	return nullptr;
}

/*
 * The nearest value of the form minimum + n * step within the range; written to
 * be exact for the whole range of 64 bits.
 */
int64_t roundToRange(int64_t value, const ControlInfo &info)
{
	value = std::clamp(value, info.minimum, info.maximum);

	uint64_t step = info.step ? info.step : 1;
	uint64_t offset = static_cast<uint64_t>(value) - static_cast<uint64_t>(info.minimum);
	uint64_t range = static_cast<uint64_t>(info.maximum) - static_cast<uint64_t>(info.minimum);
	uint64_t below = offset - offset % step;

	if (offset - below >= step - step / 2 && range - below >= step)
		below += step;

	return static_cast<int64_t>(static_cast<uint64_t>(info.minimum) + below);
}

int validateMenu(const ControlInfo &info, int64_t value)
{
	if (value < info.minimum || value > info.maximum)
		return -ERANGE;

	if (value < 64 && (info.skipMask & (1ULL << value)))
		return -EINVAL;

	if (info.type == V4L2_CTRL_TYPE_MENU && info.menu[value].empty())
		return -EINVAL;

	return 0;
}

/* Bring \a value into what the control takes, or refuse it. */
int validateValue(const ControlInfo &info, int64_t *value)
{
	switch (info.type) {
	case V4L2_CTRL_TYPE_INTEGER:
	case V4L2_CTRL_TYPE_INTEGER64:
		*value = roundToRange(*value, info);
		return 0;
	case V4L2_CTRL_TYPE_BOOLEAN:
		*value = !!*value;
		return 0;
	case V4L2_CTRL_TYPE_MENU:
	case V4L2_CTRL_TYPE_INTEGER_MENU:
		return validateMenu(info, *value);
	case V4L2_CTRL_TYPE_BITMASK:
		*value = static_cast<uint32_t>(*value) & info.maximum;
		return 0;
	case V4L2_CTRL_TYPE_BUTTON:
	case V4L2_CTRL_TYPE_CTRL_CLASS:
		*value = 0;
		return 0;
	default:
		return -EINVAL;
	}
}

/* Copy at most \a size - 1 characters of \a name and fill up with zeroes. */
void copyName(void *destination, size_t size, const std::string &name)
{
	memset(destination, 0, size);
	memcpy(destination, name.data(), std::min(name.size(), size - 1));
}

int64_t valueOf(const Control &control, const v4l2_ext_control &ext)
{
	return control.info().type == V4L2_CTRL_TYPE_INTEGER64 ? ext.value64
							       : ext.value;
}

void storeValue(const Control &control, v4l2_ext_control *ext, int64_t value)
{
	if (control.info().type == V4L2_CTRL_TYPE_INTEGER64)
		ext->value64 = value;
	else
		ext->value = static_cast<int32_t>(value);
}

} /* namespace */

/* --------------------------------------------------------------------------
 * Control
 */

/**
 * \class Control
 * \brief One control and its current value
 */

Control::Control(ControlHandler *handler, ControlInfo info)
	: handler_(handler), info_(std::move(info)), value_(info_.defaultValue)
{
}

bool Control::isMenu() const
{
	return info_.type == V4L2_CTRL_TYPE_MENU ||
	       info_.type == V4L2_CTRL_TYPE_INTEGER_MENU;
}

/* The event that tells of \a changes (V4L2_EVENT_CTRL_CH_*). */
v4l2_event Control::event(uint32_t changes) const
{
	v4l2_event event = {};

	event.type = V4L2_EVENT_CTRL;
	event.id = info_.id;
	event.u.ctrl.changes = changes;
	event.u.ctrl.type = info_.type;
	event.u.ctrl.value64 = value_;
	event.u.ctrl.flags = info_.flags;
	event.u.ctrl.minimum = info_.minimum;
	event.u.ctrl.maximum = info_.maximum;
	event.u.ctrl.step = isMenu() ? 1 : info_.step;
	event.u.ctrl.default_value = info_.defaultValue;

	return event;
}

/**
 * \brief Set the value from the driver
 *
 * Read-only controls can be set this way. All subscribers get an event when the
 * value changes.
 *
 * \return 0 or the error of validation or of the driver's operation
 */
int Control::setValue(int64_t value)
{
	int ret = validateValue(info_, &value);
	if (ret)
		return ret;

	return handler_->apply(nullptr, this, &value, true, 0);
}

/**
 * \brief Change the range of the control
 *
 * The value is brought into the new range; subscribers get one event that tells
 * of the range and, where it changed, of the value.
 *
 * \return 0, or -ERANGE for an empty range or a default outside of it
 */
int Control::modifyRange(int64_t minimum, int64_t maximum, uint64_t step,
			 int64_t defaultValue)
{
	if (minimum > maximum || defaultValue < minimum || defaultValue > maximum)
		return -ERANGE;

	bool changed = info_.minimum != minimum || info_.maximum != maximum ||
		       info_.step != step || info_.defaultValue != defaultValue;
	if (!changed)
		return 0;

	info_.minimum = minimum;
	info_.maximum = maximum;
	info_.step = step;
	info_.defaultValue = defaultValue;

	int64_t value = value_;
	if (validateValue(info_, &value))
		value = defaultValue;

	return handler_->apply(nullptr, this, &value, true,
			       V4L2_EVENT_CTRL_CH_RANGE);
}

/** \brief Make the control return -EBUSY on writes, or end that */
void Control::grab(bool grabbed)
{
	uint32_t flags = grabbed ? info_.flags | V4L2_CTRL_FLAG_GRABBED
				 : info_.flags & ~V4L2_CTRL_FLAG_GRABBED;
	if (flags == info_.flags)
		return;

	info_.flags = flags;
	handler_->sendEvent(nullptr, *this, V4L2_EVENT_CTRL_CH_FLAGS);
}

/* --------------------------------------------------------------------------
 * ControlOperations
 */

/**
 * \class ControlOperations
 * \brief The driver's side of its controls
 *
 * Values handed to the operations lie within the control's range already.
 */

/** \brief Refuse or adjust a value beyond what its range says */
int ControlOperations::tryControl([[maybe_unused]] const Control &control,
				  [[maybe_unused]] int64_t *value)
{
	return 0;
}

/** \brief Apply a new value; the control takes it when 0 is returned */
int ControlOperations::setControl([[maybe_unused]] const Control &control,
				  [[maybe_unused]] int64_t value)
{
	return 0;
}

/** \brief Read the value of a control with V4L2_CTRL_FLAG_VOLATILE */
int ControlOperations::getVolatile([[maybe_unused]] const Control &control,
				   [[maybe_unused]] int64_t *value)
{
	return 0;
}

/* --------------------------------------------------------------------------
 * ControlHandler
 */

/**
 * \class ControlHandler
 * \brief All controls of a device, sorted by id
 */

ControlHandler::ControlHandler(ControlOperations *operations)
	: operations_(operations)
{
}

/**
 * \brief Add a control
 *
 * The class control of its class is added with it.
 *
 * \return The control; it lives as long as the handler
 */
Control *ControlHandler::add(ControlInfo info)
{
	uint32_t classId = V4L2_CTRL_ID2WHICH(info.id) | 1;
	const StandardControl *standard = standardControl(classId);

	if (classId != info.id && standard && !controls_.count(classId))
		addStandard(classId, 0, 0, 0, 0,
			    V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY);

	uint32_t id = info.id;
	auto control = std::make_unique<Control>(this, std::move(info));
	return (controls_[id] = std::move(control)).get();
}

/**
 * \brief Add a standard control, whose type and name go with the id
 * \return The control, or nullptr if \a id is not known here
 */
Control *ControlHandler::addStandard(uint32_t id, int64_t minimum,
				     int64_t maximum, uint64_t step,
				     int64_t defaultValue, uint32_t flags)
{
	const StandardControl *standard = standardControl(id);
	if (!standard)
		return nullptr;

	return add({ id, standard->type, standard->name, minimum, maximum, step,
		     defaultValue, standard->flags | flags });
}

/** \brief Add a standard menu control with the entries \a menu */
Control *ControlHandler::addMenu(uint32_t id, std::vector<std::string> menu,
				 int64_t defaultValue, uint32_t flags)
{
	const StandardControl *standard = standardControl(id);
	if (!standard || menu.empty())
		return nullptr;

	ControlInfo info{ id, standard->type, standard->name, 0,
			  static_cast<int64_t>(menu.size()) - 1, 1,
			  defaultValue, standard->flags | flags };
	info.menu = std::move(menu);
	return add(std::move(info));
}

/** \brief Add a standard integer menu control with the entries \a menu */
Control *ControlHandler::addIntegerMenu(uint32_t id, std::vector<int64_t> menu,
					int64_t defaultValue, uint32_t flags)
{
	const StandardControl *standard = standardControl(id);
	if (!standard || menu.empty())
		return nullptr;

	ControlInfo info{ id, standard->type, standard->name, 0,
			  static_cast<int64_t>(menu.size()) - 1, 1,
			  defaultValue, standard->flags | flags };
	info.integerMenu = std::move(menu);
	return add(std::move(info));
}

/** \brief The control \a id, or nullptr */
Control *ControlHandler::find(uint32_t id) const
{
	auto it = controls_.find(id & V4L2_CTRL_ID_MASK);
	return it == controls_.end() ? nullptr : it->second.get();
}

/** \brief Forget an open file that was given to addFile() */
void ControlHandler::removeFile(FileHandle *file)
{
	std::erase(files_, file);
}

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

/**
 * \brief Subscribe to V4L2_EVENT_CTRL
 *
 * With V4L2_EVENT_SUB_FL_SEND_INITIAL the present state is sent at once.
 *
 * \return 0, or -EINVAL for another type or an unknown control
 */
int ControlHandler::subscribe(FileHandle *file,
			      const v4l2_event_subscription &subscription)
{
	if (subscription.type != V4L2_EVENT_CTRL)
		return -EINVAL;

	const Control *control = find(subscription.id);
	if (!control)
		return -EINVAL;

	EventQueue &events = file->events();
	if (events.subscribed(subscription.type, subscription.id))
		return 0;

	int ret = events.subscribe(subscription, 1);
	if (ret)
		return ret;

	if (control->info().type != V4L2_CTRL_TYPE_CTRL_CLASS &&
	    (subscription.flags & V4L2_EVENT_SUB_FL_SEND_INITIAL)) {
		uint32_t changes = V4L2_EVENT_CTRL_CH_FLAGS;
		if (!(control->flags() & V4L2_CTRL_FLAG_WRITE_ONLY))
			changes |= V4L2_EVENT_CTRL_CH_VALUE;

		events.queue(control->event(changes));
	}

	return 0;
}

void ControlHandler::sendEvent(FileHandle *source, const Control &control,
			       uint32_t changes)
{
	v4l2_event event = control.event(changes);

	for (FileHandle *file : files_) {
		uint32_t flags = file->events().flags(V4L2_EVENT_CTRL, control.id());
		if (file != source || (flags & V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK))
			file->events().queue(event);
	}
}

/* The next control above \a id; none is compound, so compound-only ends at once. */
const Control *ControlHandler::findNext(uint32_t id, uint32_t flags) const
{
	if (!(flags & V4L2_CTRL_FLAG_NEXT_CTRL))
		return nullptr;

	auto it = controls_.upper_bound(id);
	return it == controls_.end() ? nullptr : it->second.get();
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

	*query = {};
	query->id = info.id;
	query->type = info.type;
	copyName(query->name, sizeof(query->name), info.name);
	query->minimum = info.minimum;
	query->maximum = info.maximum;
	query->step = control->isMenu() ? 1 : info.step;
	query->default_value = info.defaultValue;
	query->flags = info.flags;
	query->elem_size = info.type == V4L2_CTRL_TYPE_INTEGER64 ? sizeof(int64_t)
								 : sizeof(int32_t);
	query->elems = 1;
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

	/* 64-bit ranges do not fit; the kernel leaves them 0. */
	if (ext.type != V4L2_CTRL_TYPE_INTEGER64) {
		query->minimum = ext.minimum;
		query->maximum = ext.maximum;
		query->step = ext.step;
		query->default_value = ext.default_value;
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

	if (!control->isMenu() || index < info.minimum || index > info.maximum)
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

/* The value that \a which asks for: default, or current (volatile ones anew). */
int ControlHandler::read(Control *control, uint32_t which, int64_t *value)
{
	if (which == V4L2_CTRL_WHICH_DEF_VAL) {
		*value = control->info_.defaultValue;
		return 0;
	}

	*value = control->value_;
	if ((control->flags() & V4L2_CTRL_FLAG_VOLATILE) && operations_)
		return operations_->getVolatile(*control, value);

	return 0;
}

int ControlHandler::get(v4l2_control *control)
{
	Control *found = find(control->id);
	if (!found || !found->isInt())
		return -EINVAL;
	if (found->flags() & V4L2_CTRL_FLAG_WRITE_ONLY)
		return -EACCES;

	int64_t value;
	int ret = read(found, V4L2_CTRL_WHICH_CUR_VAL, &value);
	control->value = value;
	return ret;
}

int ControlHandler::set(FileHandle *file, v4l2_control *control)
{
	Control *found = find(control->id);
	if (!found || !found->isInt())
		return -EINVAL;
	if (found->flags() & V4L2_CTRL_FLAG_READ_ONLY)
		return -EACCES;

	int64_t value = control->value;
	int ret = validateValue(found->info(), &value);
	if (!ret)
		ret = apply(file, found, &value, true, 0);

	control->value = value;
	return ret;
}

/*
 * Hand a validated value to the driver and, when \a set, store it and tell the
 * subscribers. The driver is called for changes only. \a changes are the
 * V4L2_EVENT_CTRL_CH_* bits to report whether or not the value changes.
 */
int ControlHandler::apply(FileHandle *file, Control *control, int64_t *value,
			  bool set, uint32_t changes)
{
	if (set && file && (control->flags() & V4L2_CTRL_FLAG_GRABBED))
		return -EBUSY;

	int ret = operations_ ? operations_->tryControl(*control, value) : 0;
	if (ret || !set)
		return ret;

	bool always = control->info_.type == V4L2_CTRL_TYPE_BUTTON ||
		      (control->flags() & V4L2_CTRL_FLAG_EXECUTE_ON_WRITE);
	if (always || *value != control->value_) {
		int64_t previous = std::exchange(control->value_, *value);
		ret = operations_ ? operations_->setControl(*control, *value) : 0;
		if (ret) {
			control->value_ = previous;
			return ret;
		}

		changes |= V4L2_EVENT_CTRL_CH_VALUE;
	}

	if (changes)
		sendEvent(file, *control, changes);

	return 0;
}

int ControlHandler::checkClass(uint32_t which) const
{
	if (which == V4L2_CTRL_WHICH_CUR_VAL || which == V4L2_CTRL_WHICH_DEF_VAL)
		return 0;

	return find(which | 1) ? 0 : -EINVAL;
}

/* Look all controls up; error_idx is left at the one that is refused. */
int ControlHandler::prepare(v4l2_ext_controls *controls,
			    std::vector<Control *> *found) const
{
	uint32_t which = controls->which;

	for (uint32_t i = 0; i < controls->count; i++) {
		uint32_t id = controls->controls[i].id & V4L2_CTRL_ID_MASK;

		controls->error_idx = i;

		if (which && which != V4L2_CTRL_WHICH_DEF_VAL &&
		    V4L2_CTRL_ID2WHICH(id) != which)
			return -EINVAL;
		if (id >= V4L2_CID_PRIVATE_BASE)
			return -EINVAL;

		Control *control = find(id);
		if (!control || (control->flags() & V4L2_CTRL_FLAG_DISABLED))
			return -EINVAL;

		controls->controls[i].reserved2[0] = 0;
		found->push_back(control);
	}

	return 0;
}

/* Requests and the minimum and maximum of compound controls do not exist here. */
static bool whichSupported(uint32_t which)
{
	return which != V4L2_CTRL_WHICH_REQUEST_VAL &&
	       which != V4L2_CTRL_WHICH_MIN_VAL &&
	       which != V4L2_CTRL_WHICH_MAX_VAL;
}

int ControlHandler::getExt(v4l2_ext_controls *controls)
{
	controls->error_idx = controls->count;
	if (!whichSupported(controls->which))
		return -EINVAL;

	controls->which = V4L2_CTRL_ID2WHICH(controls->which);
	controls->reserved[0] = 0;
	if (!controls->count)
		return checkClass(controls->which);

	std::vector<Control *> found;
	int ret = prepare(controls, &found);
	controls->error_idx = controls->count;
	if (ret)
		return ret;

	for (const Control *control : found) {
		if (control->flags() & V4L2_CTRL_FLAG_WRITE_ONLY)
			return -EACCES;
	}

	for (size_t i = 0; i < found.size(); i++) {
		int64_t value;
		ret = read(found[i], controls->which, &value);
		if (ret)
			return ret;
		storeValue(*found[i], &controls->controls[i], value);
	}

	return 0;
}

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

		int64_t value = valueOf(control, controls->controls[i]);
		int ret = validateValue(control.info(), &value);
		if (ret)
			return ret;
		storeValue(control, &controls->controls[i], value);
	}

	return 0;
}

/*
 * Everything is validated before anything is set. When validation fails,
 * error_idx names the control for TRY and is the count for S: nothing was set.
 */
int ControlHandler::trySetExt(FileHandle *file, v4l2_ext_controls *controls,
			      bool set)
{
	controls->error_idx = controls->count;
	if (!whichSupported(controls->which) ||
	    controls->which == V4L2_CTRL_WHICH_DEF_VAL)
		return -EINVAL;

	controls->which = V4L2_CTRL_ID2WHICH(controls->which);
	controls->reserved[0] = 0;
	if (!controls->count)
		return checkClass(controls->which);

	std::vector<Control *> found;
	int ret = prepare(controls, &found);
	if (!ret)
		ret = validateAll(controls, found, set);
	if (ret) {
		if (set)
			controls->error_idx = controls->count;
		return ret;
	}

	for (size_t i = 0; i < found.size(); i++) {
		v4l2_ext_control *ext = &controls->controls[i];
		int64_t value = valueOf(*found[i], *ext);

		controls->error_idx = i;

		/* An earlier control may have changed this one's range. */
		ret = validateValue(found[i]->info(), &value);
		if (!ret)
			ret = apply(file, found[i], &value, set, 0);
		if (ret)
			return ret;
		storeValue(*found[i], ext, value);
	}

	controls->error_idx = controls->count;
	return 0;
}

} /* namespace fovea::v4l2 */
