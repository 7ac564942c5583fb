/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Event subscriptions and the queue of events of an open file
 */

#pragma once

#include <functional>
#include <list>
#include <map>
#include <stdint.h>
#include <utility>

#include <linux/videodev2.h>

namespace fovea::v4l2 {

class EventQueue
{
public:
	int subscribe(const v4l2_event_subscription &subscription,
		      unsigned int depth);
	void unsubscribe(const v4l2_event_subscription &subscription);

	bool subscribed(uint32_t type, uint32_t id) const;
	uint32_t flags(uint32_t type, uint32_t id) const;

	void queue(const v4l2_event &event);
	int dequeue(v4l2_event *event);

	bool pending() const { return !available_.empty(); }
	bool pending(uint32_t type, uint32_t id) const;

	/* Called when an event was added or taken out. */
	std::function<void()> changed;

private:
	using Key = std::pair<uint32_t, uint32_t>;

	struct Subscription {
		uint32_t flags;
		unsigned int depth;
		unsigned int used;
	};

	void replaceOldest(const Key &key, Subscription &subscription,
			   v4l2_event &event);

	std::map<Key, Subscription> subscriptions_;
	std::list<v4l2_event> available_;
	uint32_t sequence_ = 0;
};

} /* namespace fovea::v4l2 */
