-- What pandoc's Typst writer does not know of the report: numbers of figures and tables, alternative texts,
-- boxes, entries of values, size and turning of tables. The functions called here are in report.typ.

local function typst(text) return pandoc.RawBlock("typst", text) end

-- A text as a string of Typst.
local function quoted(text) return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"' end

-- A label after what came before; nothing where there is none.
local function label(id) return id ~= "" and " #label(" .. quoted(id) .. ")" or "" end

-- Blocks between two pieces of Typst, as a list.
local function between(before, blocks, after)
  local list = pandoc.List({ typst(before) })
  list:extend(blocks)
  list:insert(typst(after))
  return list
end

-- The title of a part has a page of its own.
function Header(header)
  if header.level == 1 then return typst("#part(" .. quoted(pandoc.utils.stringify(header)) .. ")") end
end

function Figure(figure)
  local picture
  figure:walk({ Image = function(image) picture = image end })
  if not picture then return nil end
  local call = string.format("#picture(%s, %s, %s)[", quoted(picture.attributes["number"] or ""),
    quoted(picture.src), quoted(pandoc.utils.stringify(picture.caption)))
  return between(call, figure.caption.long, "]" .. label(figure.identifier))
end

-- Tables and entries come as Typst (korus/pdf_inline.py).
function CodeBlock(block)
  if block.classes:includes("typst") then return typst(block.text) end
end

function Div(div)
  if div.classes:includes("reference") then return between("#reference[", div.content, "]") end
  if div.classes:includes("admonition") then
    local title = div.content:remove(1)
    local call = "#admonition(" .. quoted(pandoc.utils.stringify(title)) .. ")["
    return between(call, div.content, "]" .. label(div.identifier))
  end
end

function Span(span)
  if span.classes:includes("korus-math") then
    local formula = span.content[1]
    local written = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ formula }) }), "typst"):gsub("%s+$", "")
    local call = string.format("#formula(%s, %s)", quoted(span.attributes["words"]), written)
    return pandoc.RawInline("typst", call)
  end
end

-- Several words with one definition stand on one line, and the definition follows them on it.
function DefinitionList(list)
  local found = pandoc.List({ typst("#terms(") })
  for _, item in ipairs(list.content) do
    local words = pandoc.Inlines(item[1]):walk({
      LineBreak = function() return { pandoc.Str(","), pandoc.Space() } end,
    })
    found:insert(typst("terms.item(["))
    found:insert(pandoc.Plain(words))
    found:insert(typst("], ["))
    for _, definition in ipairs(item[2]) do found:extend(definition) end
    found:insert(typst("]),"))
  end
  found:insert(typst(")"))
  return found
end
