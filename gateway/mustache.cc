/* mustache.cc - the C face of kainjow's Mustache. */
extern "C" {
#include "json.h"
}

#include "mustache.h"

#include <kainjow/mustache.hpp>

#include <cassert>
#include <string>

using kainjow::mustache::data;
using kainjow::mustache::mustache;

namespace
{

std::string string_of(struct str s)
{
	return s.len ? std::string(s.p, s.len) : std::string();
}

data value_of(const struct json *j);

void put_members(data *to, const struct json *object)
{
	for (const struct json *at = object ? object->first : nullptr; at; at = at->next)
		to->set(string_of(at->name), value_of(at));
}

data list_of(const struct json *array)
{
	data list{ data::type::list };

	for (const struct json *at = array->first; at; at = at->next)
		list.push_back(value_of(at));
	return list;
}

data value_of(const struct json *j)
{
	data object{ data::type::object };

	switch (j->type) {
	case JSON_OBJECT:
		put_members(&object, j);
		return object;
	case JSON_ARRAY:
		return list_of(j);
	case JSON_BOOL:
		return data{ j->boolean };
	case JSON_NULL:
		return data{ false };
	default:
		return j->text.len ? data{ string_of(j->text) } : data{ false };
	}
}

} // namespace

struct str mustache_render(struct arena *a, struct str text, const struct json *const *objects,
			   size_t num)
{
	mustache page{ string_of(text) };
	data all{ data::type::object };

	for (size_t i = 0; i < num; i++)
		put_members(&all, objects[i]);
	assert(page.is_valid());
	const std::string html = page.render(all);
	return arena_copy(a, { html.data(), html.size() });
}
