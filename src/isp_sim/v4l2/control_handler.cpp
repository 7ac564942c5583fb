/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The controls of a device: registration, clusters, changes, events
 */

#include "control_handler.h"

#include <algorithm>
#include <errno.h>
#include <sstream>
#include <utility>

#include "file_handle.h"
#include "standard_controls.h"

namespace fovea::v4l2 {

/**
 * \class ControlHandler
 * \brief All controls of a device, sorted by id
 *
 * Values, error codes, events and the values of error_idx are those of the
 * kernel's framework, with one exception: payloads are validated before anything
 * is set, too, so that VIDIOC_S_EXT_CTRLS never sets the first controls of a list
 * whose last one is invalid.
 */

ControlHandler::ControlHandler(ControlOperations *operations)
	: operations_(operations)
{
}

/**
 * \brief Add a control
 *
 * The class control of its class is added with it. An \a info without a name gets
 * the name of the standard control.
 *
 * \return The control, which lives as long as the handler, or nullptr for an
 * \a info that ControlInfo::check() refuses or whose id exists already
 */
Control *ControlHandler::add(ControlInfo info)
{
	const StandardControl *known = standardControl(info.id);
	if (info.name.empty() && known)
		info.name = known->name;

	if (info.type == V4L2_CTRL_TYPE_BUTTON)
		info.flags |= V4L2_CTRL_FLAG_WRITE_ONLY | V4L2_CTRL_FLAG_EXECUTE_ON_WRITE;

	if (info.check() || info.name.empty() || controls_.count(info.id))
		return nullptr;

	uint32_t classId = V4L2_CTRL_ID2WHICH(info.id) | 1;
	if (classId != info.id && standardControl(classId) && !controls_.count(classId))
		addStandard(classId, 0, 0, 0, 0,
			    V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY);

	uint32_t id = info.id;
	auto control = std::make_unique<Control>(this, std::move(info));
	return (controls_[id] = std::move(control)).get();
}

/**
 * \brief Add a standard control, whose type and name go with the id
 * \return The control, or nullptr if \a id is not known here or add() refuses it
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

/**
 * \brief Add a standard menu control with the standard's entries
 * \param[in] id The control
 * \param[in] maximum The last entry
 * \param[in] skipMask Entries that do not exist, a bit each
 * \param[in] defaultValue The default entry
 * \param[in] flags Flags to add
 */
Control *ControlHandler::addStandardMenu(uint32_t id, int64_t maximum, uint64_t skipMask,
					 int64_t defaultValue, uint32_t flags)
{
	const StandardControl *standard = standardControl(id);
	std::vector<std::string> menu = standardMenu(id);
	if (!standard || menu.empty())
		return nullptr;

	ControlInfo info{ id, standard->type, standard->name, 0, maximum, 1,
			  defaultValue, standard->flags | flags };
	info.menu = std::move(menu);
	info.skipMask = skipMask;
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

/**
 * \brief Hand controls to the driver together
 *
 * Those of a VIDIOC_S_EXT_CTRLS that are in the cluster reach the driver in one
 * call of ControlOperations::setCluster().
 */
void ControlHandler::cluster(std::vector<Control *> controls)
{
	auto cluster = std::make_shared<ControlCluster>();
	cluster->controls = std::move(controls);

	for (Control *control : cluster->controls)
		control->cluster_ = cluster;
}

/**
 * \brief Make a cluster whose first control switches between automatic and manual
 * \param[in] controls The switch (exposure mode) and its followers (exposure time)
 * \param[in] manualValue The value of the switch at which the followers count
 * \param[in] followersVolatile In automatic mode, the followers show what the
 * hardware does, and keep it when the mode becomes manual
 *
 * In automatic mode the followers are inactive.
 */
void ControlHandler::autoCluster(std::vector<Control *> controls, int64_t manualValue,
				 bool followersVolatile)
{
	cluster(controls);

	ControlCluster &added = *controls[0]->cluster_;
	added.automatic = true;
	added.manualValue = manualValue;
	added.followersVolatile = followersVolatile;

	controls[0]->info_.flags |= V4L2_CTRL_FLAG_UPDATE;
	updateFollowers(added);
}

/*
 * Before there were classes, drivers numbered their own controls from
 * V4L2_CID_PRIVATE_BASE on. Such a number stands for one of the driver's own user
 * controls of 32 bits, in their order.
 */
Control *ControlHandler::findPrivate(uint32_t index) const
{
	for (const auto &[id, control] : controls_) {
		if (V4L2_CTRL_ID2WHICH(id) == V4L2_CTRL_CLASS_USER && V4L2_CTRL_DRIVER_PRIV(id) &&
		    control->info().isInt32() && index-- == 0)
			return control.get();
	}

	return nullptr;
}

/** \brief The control \a id, or nullptr */
Control *ControlHandler::find(uint32_t id) const
{
	id &= V4L2_CTRL_ID_MASK;
	if (id >= V4L2_CID_PRIVATE_BASE)
		return findPrivate(id - V4L2_CID_PRIVATE_BASE);

	auto it = controls_.find(id);
	return it == controls_.end() ? nullptr : it->second.get();
}

/** \brief Forget an open file that was given to addFile() */
void ControlHandler::removeFile(FileHandle *file)
{
	std::erase(files_, file);
}

/** \brief The values of all controls, a line each, for VIDIOC_LOG_STATUS */
std::string ControlHandler::status() const
{
	std::ostringstream text;

	for (const auto &[id, control] : controls_) {
		const ControlInfo &info = control->info();
		if (info.type == V4L2_CTRL_TYPE_CTRL_CLASS || info.type == V4L2_CTRL_TYPE_BUTTON)
			continue;

		text << info.name << ": ";
		if (info.isString())
			text << control->text();
		else if (info.isStruct())
			text << "(" << control->data().size() << " bytes)";
		else
			text << control->value();
		if (control->elements() > 1)
			text << " and " << control->elements() - 1 << " more";
		text << "\n";
	}

	return text.str();
}

/* --------------------------------------------------------------------------
 * Events
 */

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

/* All subscribers hear of a change but the \a source, unless it wants to. */
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

/* --------------------------------------------------------------------------
 * Reading
 */

/* The value that \a which asks for: a bound, or the current one. */
int ControlHandler::read(Control *control, uint32_t which, ControlValue *value)
{
	if (which != V4L2_CTRL_WHICH_CUR_VAL && which >= V4L2_CTRL_WHICH_DEF_VAL) {
		*value = ControlValue::bound(control->info(), which, control->elements());
		return 0;
	}

	*value = control->value_;
	return control->flags() & V4L2_CTRL_FLAG_VOLATILE ? readVolatile(control, value) : 0;
}

/* Ask the driver for what the hardware has at this moment. */
int ControlHandler::readVolatile(Control *control, ControlValue *value)
{
	if (!operations_)
		return 0;
	if (control->info().hasPayload())
		return operations_->getVolatileData(*control, value->bytes());

	int64_t number = value->get(control->info());
	int ret = operations_->getVolatile(*control, &number);
	value->set(control->info(), number);
	return ret;
}

/* --------------------------------------------------------------------------
 * Writing
 *
 * A change goes through three steps: begin(), new values in the pending value of
 * each written control with its mark isNew_, apply().
 */

void ControlHandler::begin(ControlCluster &cluster)
{
	for (Control *control : cluster.controls)
		control->isNew_ = false;
}

/*
 * If the switch of an automatic cluster is about to get the manual value, what the
 * hardware does at this moment becomes the value of its followers.
 */
void ControlHandler::leaveAutomatic(ControlCluster &cluster, int64_t newValue)
{
	if (!cluster.automatic || !cluster.followersVolatile ||
	    cluster.controls[0]->isManual() || newValue != cluster.manualValue)
		return;

	for (Control *control : cluster.controls) {
		if (control->isMaster())
			continue;

		control->pending_ = control->value_;
		control->isNew_ = !readVolatile(control, &control->pending_);
	}
}

int ControlHandler::tryPending(ControlCluster &cluster)
{
	if (!operations_)
		return 0;

	for (Control *control : cluster.controls) {
		if (!control->isNew_)
			continue;

		if (control->info().hasPayload()) {
			int ret = operations_->tryData(*control, control->pending_.bytes());
			if (ret)
				return ret;
			continue;
		}

		int64_t value = control->pending_.get(control->info());
		int ret = operations_->tryControl(*control, &value);
		if (ret)
			return ret;
		control->pending_.set(control->info(), value);
	}

	return 0;
}

/* Which controls does the driver have to hear of? Returns true if any. */
bool ControlHandler::markChanges(ControlCluster &cluster, bool turnsManual)
{
	bool any = false;

	for (Control *control : cluster.controls) {
		uint32_t flags = control->flags();
		bool executes = control->isNew_ && (flags & V4L2_CTRL_FLAG_EXECUTE_ON_WRITE);
		bool follows = turnsManual && cluster.followersVolatile && !control->isMaster();

		/* Of a volatile control, the hardware knows the value, not we. */
		bool differs = control->isNew_ && !(flags & V4L2_CTRL_FLAG_VOLATILE) &&
			       control->pending_ != control->value_;

		control->changed_ = executes || differs || follows;
		any = any || control->changed_;
	}

	return any;
}

/* Make pending values current and tell the driver; if it refuses, undo that. */
int ControlHandler::commit(ControlCluster &cluster)
{
	auto exchange = [&]() {
		for (Control *control : cluster.controls) {
			if (control->changed_)
				std::swap(control->value_, control->pending_);
		}
	};

	exchange();
	int ret = operations_ ? operations_->setCluster(cluster.controls) : 0;
	if (ret)
		exchange();

	return ret;
}

/* In automatic mode the followers are inactive. */
void ControlHandler::updateFollowers(ControlCluster &cluster)
{
	bool manual = cluster.controls[0]->isManual();

	for (Control *control : cluster.controls) {
		if (control->isMaster())
			continue;

		uint32_t &flags = control->info_.flags;
		flags &= ~(V4L2_CTRL_FLAG_INACTIVE | V4L2_CTRL_FLAG_VOLATILE);
		if (!manual) {
			flags |= V4L2_CTRL_FLAG_INACTIVE;
			if (cluster.followersVolatile)
				flags |= V4L2_CTRL_FLAG_VOLATILE;
		}
	}
}

/*
 * Hand the pending, validated values of a cluster to the driver and, when \a set,
 * make them current and tell the subscribers. The driver is called for changes
 * only. \a changes are V4L2_EVENT_CTRL_CH_* bits to report of the written controls
 * whether or not their values change.
 */
int ControlHandler::apply(FileHandle *file, ControlCluster &cluster, bool set,
			  uint32_t changes)
{
	Control *master = cluster.controls[0];

	for (Control *control : cluster.controls) {
		bool grabbed = control->flags() & V4L2_CTRL_FLAG_GRABBED;
		if (set && file && control->isNew_ && grabbed)
			return -EBUSY;
		if (!control->isNew_)
			control->pending_ = control->value_;
	}

	int ret = tryPending(cluster);
	if (ret || !set)
		return ret;

	bool willBeManual = master->pending_.get(master->info()) == cluster.manualValue;
	bool switches = cluster.automatic && master->isManual() != willBeManual;

	if (markChanges(cluster, switches && willBeManual)) {
		ret = commit(cluster);
		if (ret)
			return ret;
	}

	if (switches)
		updateFollowers(cluster);

	for (Control *control : cluster.controls) {
		bool follows = switches && control != master;
		uint32_t told = control->isNew_ ? changes : 0;

		if (control->changed_ && !(control->flags() & V4L2_CTRL_FLAG_VOLATILE))
			told |= V4L2_EVENT_CTRL_CH_VALUE;
		if (follows)
			told |= V4L2_EVENT_CTRL_CH_FLAGS;
		if (told)
			sendEvent(control->isNew_ && !follows ? file : nullptr, *control, told);
	}

	return 0;
}

} /* namespace fovea::v4l2 */
