/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Event subscriptions and the queue of events of an open file
 */

#include "event.h"

#include <errno.h>
#include <string.h>
#include <time.h>

namespace fovea::v4l2 {

/**
 * \class EventQueue
 * \brief The events of one open file, with the kernel's overflow rules
 *
 * Each subscription owns room for a fixed number of events. When it is full the
 * oldest event of that subscription is dropped, and for control events what had
 * changed is carried over to the next one, so that no change goes unseen.
 */

/**
 * \brief Subscribe to events
 * \param[in] subscription Type, id and flags
 * \param[in] depth Events kept; at least 1 is used
 *
 * Subscribing twice changes nothing.
 *
 * \return 0, or -EINVAL for V4L2_EVENT_ALL
 */
int EventQueue::subscribe(const v4l2_event_subscription &subscription,
			  unsigned int depth)
{
	if (subscription.type == V4L2_EVENT_ALL)
		return -EINVAL;

	Key key{ subscription.type, subscription.id };
	subscriptions_.try_emplace(key, Subscription{ subscription.flags,
						      depth ? depth : 1, 0 });
	return 0;
}

/**
 * \brief End a subscription, or all of them for V4L2_EVENT_ALL
 *
 * Pending events of the subscription are dropped. What is not subscribed is
 * ignored.
 */
void EventQueue::unsubscribe(const v4l2_event_subscription &subscription)
{
	if (subscription.type == V4L2_EVENT_ALL) {
		subscriptions_.clear();
		available_.clear();
	} else {
		subscriptions_.erase({ subscription.type, subscription.id });
		available_.remove_if([&](const v4l2_event &event) {
			return event.type == subscription.type &&
			       event.id == subscription.id;
		});
	}

	if (changed)
		changed();
}

/** \brief Is there a subscription for events of \a type and \a id? */
bool EventQueue::subscribed(uint32_t type, uint32_t id) const
{
	return subscriptions_.count({ type, id });
}

/** \brief The V4L2_EVENT_SUB_FL_* flags of a subscription, 0 if there is none */
uint32_t EventQueue::flags(uint32_t type, uint32_t id) const
{
	auto it = subscriptions_.find({ type, id });
	return it == subscriptions_.end() ? 0 : it->second.flags;
}

/** \brief Does an event of \a type and \a id wait to be dequeued? */
bool EventQueue::pending(uint32_t type, uint32_t id) const
{
	auto it = subscriptions_.find({ type, id });
	return it != subscriptions_.end() && it->second.used;
}

/*
 * Drop the oldest event of a full subscription. Changes of a control that the
 * dropped event told of are added to the next event of that control.
 */
void EventQueue::replaceOldest(const Key &key, Subscription &subscription,
			       v4l2_event &event)
{
	auto matches = [&](const v4l2_event &e) {
		return e.type == key.first && e.id == key.second;
	};

	auto oldest = available_.begin();
	while (!matches(*oldest))
		++oldest;

	uint32_t changes = oldest->u.ctrl.changes;
	auto next = available_.erase(oldest);
	subscription.used--;

	if (key.first != V4L2_EVENT_CTRL)
		return;

	while (next != available_.end() && !matches(*next))
		++next;

	(next == available_.end() ? event : *next).u.ctrl.changes |= changes;
}

/**
 * \brief Queue \a event if its type and id are subscribed
 *
 * A timestamp of 0 is replaced by the present (CLOCK_MONOTONIC). The sequence
 * counts the events queued on this file, dropped ones included.
 */
void EventQueue::queue(const v4l2_event &event)
{
	Key key{ event.type, event.id };
	auto it = subscriptions_.find(key);
	if (it == subscriptions_.end())
		return;

	Subscription &subscription = it->second;
	v4l2_event added = event;

	sequence_++;
	if (subscription.used == subscription.depth)
		replaceOldest(key, subscription, added);

	added.sequence = sequence_;
	memset(added.reserved, 0, sizeof(added.reserved));
	if (!added.timestamp.tv_sec && !added.timestamp.tv_nsec)
		clock_gettime(CLOCK_MONOTONIC, &added.timestamp);

	subscription.used++;
	available_.push_back(added);

	if (changed)
		changed();
}

/**
 * \brief Take the oldest event
 * \return 0, or -EAGAIN if there is none
 */
int EventQueue::dequeue(v4l2_event *event)
{
	if (available_.empty())
		return -EAGAIN;

	*event = available_.front();
	available_.pop_front();
	event->pending = available_.size();

	auto it = subscriptions_.find({ event->type, event->id });
	if (it != subscriptions_.end())
		it->second.used--;

	if (changed)
		changed();

	return 0;
}

} /* namespace fovea::v4l2 */
