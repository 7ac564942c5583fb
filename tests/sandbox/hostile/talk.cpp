/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Says what nobody asked for: through the interface duplicated, early, late and
 * future answers, on the socket itself malformed and huge messages with
 * descriptors, or messages without end
 *
 * What it says is in the name of the file: "talk-duplicates.so".
 */

#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "hostile.h"

namespace {

using namespace hostile;

constexpr int kSocket = 3;

void sendRaw(const void *data, size_t size, unsigned int descriptors)
{
	std::vector<char> control(CMSG_SPACE(sizeof(int) * descriptors));
	iovec vector{ const_cast<void *>(data), size };
	msghdr message{};
	message.msg_iov = &vector;
	message.msg_iovlen = 1;

	if (descriptors) {
		message.msg_control = control.data();
		message.msg_controllen = control.size();
		cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * descriptors);
		std::vector<int> fds(descriptors, STDERR_FILENO);
		memcpy(CMSG_DATA(header), fds.data(), sizeof(int) * descriptors);
	}

	sendmsg(kSocket, &message, MSG_NOSIGNAL);
}

class Talk : public Module
{
public:
	Talk()
	{
		Dl_info info;
		dladdr(reinterpret_cast<void *>(&sendRaw), &info);
		name_ = info.dli_fname;
	}

	void atFrame(uint32_t frame, uint32_t) override
	{
		if (frame != kFrame)
			return;

		const std::vector<char> huge(200'000, 'x');
		if (says("duplicates")) {
			paramsComputed.emit(frame, 8);
			metadataReady.emit(frame, ControlList(controls::controls), {});
			metadataReady.emit(frame, ControlList(controls::controls), {});
		}
		if (says("past"))
			paramsComputed.emit(0, 8);
		if (says("future"))
			metadataReady.emit(frame + 1000, ControlList(controls::controls), {});
		if (says("malformed"))
			sendRaw("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, 0);
		if (says("empty"))
			sendRaw("", 0, 0);
		if (says("huge"))
			sendRaw(huge.data(), huge.size(), 0);
		if (says("descriptors"))
			sendRaw("0123456789abcdef", 16, 200);
		if (says("hangup"))
			close(kSocket);
		while (says("flood"))
			sendRaw(huge.data(), 64, 0);
		while (says("log"))
			dprintf(STDERR_FILENO, "%s\n", std::string(900, '!').c_str());
	}

private:
	bool says(const char *what) const
	{
		return name_.find(std::string("talk-") + what + ".") != std::string::npos;
	}

	std::string name_;
};

} /* namespace */

HOSTILE_MODULE(Talk)
