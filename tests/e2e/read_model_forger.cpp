// Changes one balance in the read models of a stopped platform, as nobody should be able to without
// the auditor's noticing.
#include <rocksdb/db.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2 || std::string(argv[1]) == "--help") {
    std::fprintf(
        stderr,
        "usage: read_model_forger DATA\nAdds to one balance in DATA/views, and prints its key in "
        "hex.\n");
    return 2;
  }
  const std::string path = std::string(argv[1]) + "/views";
  std::vector<std::string> names;
  rocksdb::Options options;
  if (!rocksdb::DB::ListColumnFamilies(options, path, &names).ok()) return 1;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  if (!rocksdb::DB::Open(options, path, families, &handles, &raw).ok()) return 1;
  std::unique_ptr<rocksdb::DB> db(raw);
  int result = 1;
  for (auto* family : handles) {
    if (family->GetName() == "wallets") {
      std::unique_ptr<rocksdb::Iterator> rows(db->NewIterator(rocksdb::ReadOptions(), family));
      rows->Seek("b");
      if (rows->Valid() && rows->key().starts_with("b")) {
        auto value = rows->value().ToString();
        value.back() = static_cast<char>(value.back() + 1);
        std::printf("%s\n", rows->key().ToString(true).c_str());
        if (db->Put(rocksdb::WriteOptions(), family, rows->key(), value).ok()) result = 0;
      }
    }
  }
  for (auto* family : handles) db->DestroyColumnFamilyHandle(family);
  db->Close();
  return result;
}
