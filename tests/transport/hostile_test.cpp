/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Clients that mean harm: they reach no file but their own, and take no more
 * than their share
 */

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/videodev2.h>

#include "server_test.h"

using namespace fovea;
using namespace fovea::transport;

namespace {

constexpr size_t kShare = 4;
constexpr size_t kAll = 6;
constexpr uid_t kNobody = 65534;

class Hostile : public test::ServerTest
{
protected:
	Hostile()
		: ServerTest({ { kAll, kShare }, { kAll, kShare } }),
		  directory_(std::filesystem::temp_directory_path() /
			     ("fovea-hostile-" + std::to_string(getpid())))
	{
		std::filesystem::create_directory(directory_);
		path_ = directory_ / "socket";
		const size_t ret = inServer([this]() { return server_.listen(path_, &error_); });
		EXPECT_EQ(ret, 0U) << error_;
	}

	~Hostile() override { std::filesystem::remove_all(directory_); }

	/* As a process connects, which the server then knows by its number. */
	OwnedFd connectByPath() const
	{
		sockaddr_un address = {};
		address.sun_family = AF_UNIX;
		memcpy(address.sun_path, path_.c_str(), path_.size());
		OwnedFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
		if (::connect(fd.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)))
			fd.reset();
		return fd;
	}

	int tryOpen(int fd)
	{
		const uint64_t handle = openNode(fd);
		return handle ? 0 : header_.result ? header_.result : -EPIPE;
	}

	int query(int fd, uint64_t handle)
	{
		RequestHeader head = ioctlHeader(handle, VIDIOC_QUERYCAP);
		return send(fd, head, std::vector<uint8_t>(head.payloadSize));
	}

	int attach(int fd, std::vector<int> carrier)
	{
		RequestHeader head = header(kOpAttach);
		head.descriptors = carrier.size();
		return send(fd, head, {}, std::move(carrier));
	}

	/* What \a body returns (0 to 255) in a child. */
	int inChild(const std::function<int()> &body)
	{
		const pid_t child = fork();
		if (!child)
			_exit(body());
		int status = 0;
		waitpid(child, &status, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}

	/* Wait until the server has no connection and no open file. */
	bool settles()
	{
		for (int i = 0; i < 1000; i++) {
			if (!inServer([this]() { return server_.sessions() + server_.connections(); }))
				return true;
			usleep(5000);
		}
		return false;
	}

	std::filesystem::path directory_;
	std::string path_;
	std::string error_;
};

} /* namespace */

TEST_F(Hostile, NeighboursOfAHandleAreNone)
{
	OwnedFd fd = connectByPath();
	std::vector<OwnedFd> carriers;
	std::set<uint64_t> handles;
	std::set<uint32_t> upper;

	for (size_t i = 0; i < kShare; i++) {
		const uint64_t handle = openNode(fd.get());
		ASSERT_NE(handle, 0U);
		handles.insert(handle);
		upper.insert(handle >> 32);
		std::move(carrier_.begin(), carrier_.end(), std::back_inserter(carriers));
		EXPECT_EQ(query(fd.get(), handle), 0);
	}

	/* Two of four random numbers of 32 bits are equal once in 700 million runs. */
	EXPECT_EQ(handles.size(), kShare);
	EXPECT_EQ(upper.size(), kShare);
	for (uint64_t handle : handles) {
		for (int64_t offset : { -2, -1, 1, 2 })
			EXPECT_EQ(query(fd.get(), handle + offset), -ENODEV);
	}
}

TEST_F(Hostile, SocketAddressesTellNoHandle)
{
	OwnedFd fd = connectByPath();
	const uint64_t handle = openNode(fd.get());
	ASSERT_NE(handle, 0U);

	sockaddr_un address;
	socklen_t size = sizeof(address);
	ASSERT_EQ(getpeername(carrier_[0].get(), reinterpret_cast<sockaddr *>(&address), &size), 0);
	const std::string name(address.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1);
	ASSERT_EQ(name.size(), kCarrierPrefixLength + kCarrierDigits);

	/* All users see this address. */
	std::ifstream file("/proc/net/unix");
	const std::string all(std::istreambuf_iterator<char>(file), {});
	EXPECT_NE(all.find(name), std::string::npos);

	char digits[17];
	snprintf(digits, sizeof(digits), "%016llx", static_cast<unsigned long long>(handle));
	EXPECT_EQ(name.find(digits), std::string::npos);
	EXPECT_EQ(all.find(digits), std::string::npos);
	EXPECT_EQ(query(fd.get(), std::stoull(name.substr(kCarrierPrefixLength), nullptr, 16)),
		  -ENODEV);
}

TEST_F(Hostile, AttachTakesTheCarrier)
{
	OwnedFd fd = connectByPath();
	const uint64_t handle = openNode(fd.get());
	ASSERT_NE(handle, 0U);
	const std::vector<OwnedFd> carrier = std::move(carrier_);

	OwnedFd other = connectByPath();
	EXPECT_EQ(attach(other.get(), { carrier[0].get() }), 0);
	EXPECT_EQ(header_.handle, handle);
	EXPECT_EQ(descriptors_.size(), kReadyCount);

	/* Other descriptors of the file, and of the client, are no proof. */
	EXPECT_EQ(attach(other.get(), { carrier[1].get() }), -ENODEV);
	EXPECT_EQ(attach(other.get(), { other.get() }), -ENODEV);

	/* Nor is none, or the file's handle without it. */
	EXPECT_EQ(attach(other.get(), {}), -EPIPE);
	EXPECT_TRUE(serves());
}

TEST_F(Hostile, SocketIsPrivate)
{
	struct stat st;
	ASSERT_EQ(stat(path_.c_str(), &st), 0);
	EXPECT_TRUE(S_ISSOCK(st.st_mode));
	EXPECT_EQ(st.st_mode & 0777, 0600U);
	EXPECT_EQ(st.st_uid, geteuid());

	if (geteuid())
		GTEST_SKIP() << "only root can become another user";

	const auto asNobody = [this]() {
		return inChild([this]() {
			if (setresuid(kNobody, kNobody, kNobody))
				return 100;
			OwnedFd fd = connectByPath();
			if (!fd.isValid())
				return 1;
			return openNode(fd.get()) ? 0 : 2;
		});
	};
	EXPECT_EQ(asNobody(), 1);

	/* Where the file does not keep others out, the server does. */
	ASSERT_EQ(chmod(path_.c_str(), 0666), 0);
	std::filesystem::permissions(directory_, std::filesystem::perms::all);
	EXPECT_EQ(asNobody(), 2);
	EXPECT_TRUE(serves());
}

TEST_F(Hostile, ConnectionsAreLimited)
{
	std::vector<OwnedFd> mine;
	for (size_t i = 0; i < kShare; i++) {
		mine.push_back(connectByPath());
		ASSERT_EQ(tryOpen(mine.back().get()), 0);
	}

	OwnedFd surplus = connectByPath();
	EXPECT_EQ(tryOpen(surplus.get()), -EPIPE);

	/* Another process has its own share, as far as there is something left. */
	EXPECT_EQ(inChild([this]() {
			  std::vector<OwnedFd> fds;
			  for (int i = 0; ; i++) {
				  fds.push_back(connectByPath());
				  if (query(fds.back().get(), 1) != -ENODEV)
					  return i;
			  }
		  }),
		  kAll - kShare);

	carrier_.clear();
	mine.clear();
	EXPECT_TRUE(settles());
	EXPECT_TRUE(serves());
}

TEST_F(Hostile, OpenFilesAreLimited)
{
	OwnedFd fd = connectByPath();
	std::vector<OwnedFd> carriers;
	for (size_t i = 0; i < kShare; i++) {
		ASSERT_EQ(tryOpen(fd.get()), 0);
		std::move(carrier_.begin(), carrier_.end(), std::back_inserter(carriers));
	}
	EXPECT_EQ(tryOpen(fd.get()), -EMFILE);

	const auto openAll = [this]() {
		OwnedFd own = connectByPath();
		std::vector<OwnedFd> files;
		for (int i = 0; ; i++) {
			const int ret = tryOpen(own.get());
			if (ret)
				return ret == -ENFILE ? i : 100;
			std::move(carrier_.begin(), carrier_.end(), std::back_inserter(files));
		}
	};
	EXPECT_EQ(inChild(openAll), kAll - kShare);

	/* What was closed can be opened again, here and elsewhere. */
	carrier_.clear();
	carriers.clear();
	fd.reset();
	EXPECT_TRUE(settles());
	fd = connectByPath();
	EXPECT_EQ(tryOpen(fd.get()), 0);
}

TEST_F(Hostile, RepliesThatNobodyReadsEndTheConnection)
{
	OwnedFd fd = connectByPath();
	const uint64_t handle = openNode(fd.get());
	ASSERT_NE(handle, 0U);

	RequestHeader head = ioctlHeader(handle, VIDIOC_QUERYCAP);
	std::vector<uint8_t> packet(sizeof(head) + head.payloadSize);
	memcpy(packet.data(), &head, sizeof(head));

	/* Far more than the sockets' buffers hold. */
	ssize_t ret = 0;
	for (int i = 0; i < 100000 && ret >= 0; i++)
		ret = ::send(fd.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
	EXPECT_EQ(ret, -1);
	EXPECT_TRUE(errno == EPIPE || errno == ECONNRESET) << errno;
	EXPECT_TRUE(serves());
}

TEST_F(Hostile, FilesOfRepliesThatNobodyReadsAreClosed)
{
	OwnedFd fd = connectByPath();
	RequestHeader head = header(kOpOpen);
	head.payloadSize = 6;
	std::vector<uint8_t> packet(sizeof(head) + 6);
	memcpy(packet.data(), &head, sizeof(head));
	memcpy(packet.data() + sizeof(head), "video0", 6);

	for (int i = 0; i < 100; i++)
		::send(fd.get(), packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
	EXPECT_LE(inServer([this]() { return server_.sessions(); }), kShare);
	fd.reset();
	EXPECT_TRUE(settles());
	EXPECT_EQ(inServer([this]() { return hardware_.openFiles; }), 0U);
}

/* The server's own pointers are no values that a client could read back. */
TEST_F(Hostile, SizesMakeNoPointersOfNumbers)
{
	OwnedFd fd = connectByPath();
	const uint64_t handle = openNode(fd.get());

	const auto setControl = [&](uint32_t id, unsigned long request) {
		v4l2_ext_control control = {};
		control.id = id;
		control.size = 8;
		v4l2_ext_controls controls = {};
		controls.count = 1;
		const RegionHeader regions[] = { { sizeof(control), 1 }, { control.size, 1 } };

		std::vector<uint8_t> payload;
		const auto append = [&payload](const void *data, size_t size) {
			const auto *bytes = static_cast<const uint8_t *>(data);
			payload.insert(payload.end(), bytes, bytes + size);
			payload.resize(padded(payload.size()));
		};
		append(&controls, sizeof(controls));
		append(&regions[0], sizeof(regions[0]));
		append(&control, sizeof(control));
		append(&regions[1], sizeof(regions[1]));
		payload.resize(payload.size() + control.size);

		RequestHeader head = ioctlHeader(handle, request);
		head.payloadSize = payload.size();
		head.regions = std::size(regions);
		return send(fd.get(), head, payload);
	};

	for (unsigned long request : { VIDIOC_G_EXT_CTRLS, VIDIOC_S_EXT_CTRLS, VIDIOC_TRY_EXT_CTRLS }) {
		EXPECT_EQ(setControl(test::kScalar, request), -EFAULT);
		EXPECT_EQ(setControl(test::kScalar + 1, request), 0);
	}
}
