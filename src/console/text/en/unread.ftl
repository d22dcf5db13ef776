# unread
